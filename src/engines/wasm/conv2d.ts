import { type ConvAttributes, geometryOf, undilated } from "../geometry.js";
import { callOriginal, permuted, product, release, reshaped, wasmKernel } from "./calls.js";
import { fewPixels, unfold } from "./unfold.js";

/**
 * With few pixels, computes yᵀ = Wᵀ·col(x)ᵀ, so that the weights need not be repacked; otherwise calls tfjs's
 * convolution.
 */
export const conv2d = wasmKernel<"x" | "filter", ConvAttributes>("Conv2D", ({ inputs, attrs, backend }) => {
  const { x, filter } = inputs;
  if (!undilated(attrs)) return callOriginal(backend, "Conv2D", inputs, attrs);
  const geometry = geometryOf(x.shape, filter.shape, attrs, false);
  if (!fewPixels(geometry)) return callOriginal(backend, "Conv2D", inputs, attrs);
  const { batch, outHeight, outWidth, outChannels } = geometry;
  const rows = filter.shape.slice(0, 3).reduce((a, b) => a * b, 1);
  const matrix = reshaped(backend, filter, [rows, outChannels]);
  const weights = permuted(backend, matrix, [1, 0]);
  const unfolded = unfold(backend, x, geometry);
  const planes = product(backend, weights, unfolded);
  planes.shape = [outChannels, outHeight * outWidth, batch];
  const output = permuted(backend, planes, [2, 1, 0]);
  release(backend, matrix, weights, unfolded, planes);
  return { ...output, shape: [batch, outHeight, outWidth, outChannels] };
});
