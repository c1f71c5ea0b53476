import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type ConvAttributes, type Geometry, geometryOf } from "../geometry.js";
import { addInto, allocate, images, permuted, product, release, reshaped, wasmKernel } from "./calls.js";
import { exchangedConvolution, type FilterGradient } from "./exchangedConvolution.js";
import { fewPixels, pixelRows, unfold } from "./unfold.js";

/** Chunk limits: terms of one float32 sum, and floats of shifted input. */
const longestSum = 1 << 13;
const pieceSize = 1 << 22;

/**
 * dW[ky, kx, c, o] = Σ x[n, s·oy + ky, s·ox + kx, c]·dy[n, oy, ox, o], a few images at a time: partial sums
 * need little memory and keep float32 accurate.
 */
export const conv2dBackpropFilter = wasmKernel<"x" | "dy", ConvAttributes & { filterShape: number[] }>(
  "Conv2DBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, false);
    const { batch, height, width, channels, kernelWidth, outHeight, outWidth } = geometry;
    const gradient = gradientFor(geometry);
    const perImage = kernelWidth * height * width * channels;
    const step = Math.min(longestSum / (outHeight * outWidth), pieceSize / perImage);
    const count = Math.max(1, Math.floor(step));
    let sum: TensorInfo | undefined;
    for (let first = 0; first < batch; first += count) {
      const [xPiece, dyPiece] = [images(backend, x, first, count), images(backend, dy, first, count)];
      const part = gradient(backend, xPiece, dyPiece, geometry);
      release(backend, xPiece, dyPiece);
      sum = sum === undefined ? part : addInto(backend, sum, part);
    }
    const dFilter = sum ?? allocate(backend, attrs.filterShape);
    return { ...dFilter, shape: [...attrs.filterShape] };
  },
);

function gradientFor(geometry: Geometry): FilterGradient {
  if (pointwise(geometry)) return pointwiseGradient;
  return fewPixels(geometry) ? unfoldedGradient : exchangedConvolution;
}

function pointwise({ kernelHeight, kernelWidth, strideX, strideY, padTop, padLeft }: Geometry): boolean {
  return kernelHeight * kernelWidth * strideX * strideY === 1 && padTop + padLeft === 0;
}

/**
 * Computes xᵀ·dy, or (dyᵀ·x)ᵀ if dy has more channels: XNNPACK repacks the right factor before it multiplies,
 * so the factor with fewer channels must be on the right.
 */
const pointwiseGradient: FilterGradient = (backend, x, dy, geometry) => {
  const { channels, outChannels, height, width } = geometry;
  const pixels = (x.shape[0] ?? 1) * height * width;
  const xRows = reshaped(backend, x, [pixels, channels]);
  const dyRows = reshaped(backend, dy, [pixels, outChannels]);
  const swap = outChannels > channels;
  const [left, right] = swap ? [dyRows, xRows] : [xRows, dyRows];
  const turned = permuted(backend, left, [1, 0]);
  const found = product(backend, turned, right);
  release(backend, xRows, dyRows, turned);
  if (!swap) return found;
  const result = permuted(backend, found, [1, 0]);
  release(backend, found);
  return result;
};

/**
 * Computes col(x)ᵀ·dy, for few pixels: both factors are small, and only the product has the size of the
 * weights.
 */
const unfoldedGradient: FilterGradient = (backend, x, dy, geometry) => {
  const unfolded = unfold(backend, x, geometry);
  const gradient = pixelRows(backend, dy, geometry);
  const found = product(backend, unfolded, gradient);
  release(backend, unfolded, gradient);
  return found;
};
