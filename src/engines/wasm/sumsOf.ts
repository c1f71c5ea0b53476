import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, release, view } from "./calls.js";

/** A tensor's address in the backend's memory. */
export function address(backend: BackendWasm, { dataId }: TensorInfo): number {
  return backend.getMemoryOffset(dataId);
}

/** Rows that have separate sums. */
export interface Segments {
  readonly count: number;
  /** Rows of a segment; the last one may have fewer. */
  readonly rows: number;
}

/** Segments of `rows` rows. They depend only on the sizes, so that the sums do not depend on the threads. */
function segmentsOf(rows: number, channels: number): Segments {
  const wanted = Math.min(MOST_SEGMENTS, Math.floor((rows * channels) / SEGMENT));
  const each = Math.max(1, Math.ceil(rows / Math.max(1, wanted)));
  return { count: Math.ceil(rows / each), rows: each };
}

const MOST_SEGMENTS = 32;
const SEGMENT = 16_384;

/**
 * Calls `add` with the address of `count` zeros in float64 for each segment, and returns the sums that it added
 * to them.
 */
export function sumsOf(
  backend: BackendWasm,
  count: number,
  [rows, channels]: readonly [number, number],
  add: (sums: number, segments: Segments) => void,
): Float64Array {
  const segments = segmentsOf(rows, channels);
  // Two float32 values for each float64 value.
  const held = allocate(backend, [2 * count * Math.max(1, segments.count)]);
  view(backend, held).fill(0);
  add(address(backend, held), segments);
  const bytes = view(backend, held).slice();
  release(backend, held);
  const all = new Float64Array(bytes.buffer);
  const sums = all.subarray(0, count);
  for (let at = count; at < all.length; at++)
    sums[at % count] = (sums[at % count] as number) + (all[at] as number);
  return sums;
}

/** A new tensor `[values.length]`. */
export function tensorOf(backend: BackendWasm, values: ArrayLike<number>): TensorInfo {
  const tensor = allocate(backend, [values.length]);
  view(backend, tensor).set(values);
  return tensor;
}
