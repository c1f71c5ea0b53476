import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, release, view } from "./calls.js";

/** A tensor's address in the backend's memory. */
export function address(backend: BackendWasm, { dataId }: TensorInfo): number {
  return backend.getMemoryOffset(dataId);
}

/** Calls `add` with the address of `count` zeros in float64, and returns the sums that it added to them. */
export function sumsOf(backend: BackendWasm, count: number, add: (sums: number) => void): Float64Array {
  // Two float32 values for each float64 value.
  const held = allocate(backend, [2 * count]);
  view(backend, held).fill(0);
  add(address(backend, held));
  const bytes = view(backend, held).slice();
  release(backend, held);
  return new Float64Array(bytes.buffer, 0, count);
}

/** A new tensor `[values.length]`. */
export function tensorOf(backend: BackendWasm, values: ArrayLike<number>): TensorInfo {
  const tensor = allocate(backend, [values.length]);
  view(backend, tensor).set(values);
  return tensor;
}
