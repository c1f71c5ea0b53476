import { allocate, call, callOriginal, release, view, wasmKernel } from "./calls.js";

/**
 * x·k + b per channel with k = γ/√(σ² + ε) and b = β - μ·k: a product and a sum that the backend vectorizes.
 */
export const fusedBatchNorm = wasmKernel<
  "x" | "mean" | "variance",
  { varianceEpsilon: number },
  "scale" | "offset"
>("FusedBatchNorm", ({ inputs, attrs, backend }) => {
  const { x, mean, variance, scale, offset } = inputs;
  if (mean.shape.length !== 1 || x.dtype !== "float32")
    return callOriginal(backend, "FusedBatchNorm", { ...inputs }, attrs);
  const [k, b] = [allocate(backend, mean.shape), allocate(backend, mean.shape)];
  const [slopes, shifts] = [view(backend, k), view(backend, b)];
  const [means, variances] = [view(backend, mean), view(backend, variance)];
  const gammas = scale === undefined ? undefined : view(backend, scale);
  const betas = offset === undefined ? undefined : view(backend, offset);
  for (const [channel, value] of means.entries()) {
    const gamma = gammas?.[channel] ?? 1;
    const slope = gamma / Math.sqrt((variances[channel] ?? Number.NaN) + attrs.varianceEpsilon);
    slopes[channel] = slope;
    shifts[channel] = (betas?.[channel] ?? 0) - value * slope;
  }
  const scaled = call(backend, "Multiply", { a: x, b: k });
  const output = call(backend, "Add", { a: scaled, b });
  release(backend, k, b, scaled);
  return output;
});
