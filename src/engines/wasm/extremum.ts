import type { KernelConfig } from "@tensorflow/tfjs-core";
import { call, callOriginal, view, wasmKernel } from "./calls.js";

/** Elementwise minimum with a scalar. Other shapes use tfjs's kernel. */
export const minimum = withScalar("Minimum", (bound) => [Number.NEGATIVE_INFINITY, bound]);

/** Elementwise maximum with a scalar. */
export const maximum = withScalar("Maximum", (bound) => [bound, Number.POSITIVE_INFINITY]);

/**
 * Computed as clipping, which is vectorized. A NaN becomes the infinite end of the range, so it stays
 * non-finite.
 */
function withScalar(kernelName: string, rangeOf: (bound: number) => [number, number]): KernelConfig {
  return wasmKernel<"a" | "b">(kernelName, ({ inputs, attrs, backend }) => {
    const { a, b } = inputs;
    const [array, single] = b.shape.length === 0 ? [a, b] : [b, a];
    const floats = a.dtype === "float32" && b.dtype === "float32";
    const bound = single.shape.length === 0 && floats ? view(backend, single)[0] : undefined;
    if (bound === undefined || !Number.isFinite(bound))
      return callOriginal(backend, kernelName, inputs, attrs);
    const [clipValueMin, clipValueMax] = rangeOf(bound);
    return call(backend, "ClipByValue", { x: array }, { clipValueMin, clipValueMax });
  });
}
