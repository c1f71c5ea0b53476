import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, call, view } from "./calls.js";

/**
 * The mean over axis 1 of `[batch, rows, 1, channels]`, computed as average pooling, which is the backend's
 * fastest reduction.
 */
export function averaged(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const [batch = 1, rows = 1, , channels = 1] = x.shape;
  if (rows > 1)
    return call(backend, "AvgPool", { x }, { filterSize: [rows, 1], strides: [1, 1], pad: "valid" });
  const copy = allocate(backend, [batch, 1, 1, channels]);
  view(backend, copy).set(view(backend, x));
  return copy;
}
