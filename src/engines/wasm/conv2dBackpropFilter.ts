import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  addInto,
  allocate,
  call,
  images,
  permuted,
  product,
  release,
  reshaped,
  view,
  wasmKernel,
} from "./calls.js";
import type { ConvAttributes, Geometry } from "./geometry.js";
import { geometryOf } from "./geometry.js";
import { fewPixels, unfold } from "./unfold.js";

/** Terms of one sum in float32, and floats of shifted input, in one piece. */
const longestSum = 1 << 13;
const pieceSize = 1 << 22;

interface Inputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

/**
 * dW[ky, kx, c, o] = Σ x[n, s·oy + ky, s·ox + kx, c]·dy[n, oy, ox, o], a few images at a time: their partial sums keep
 * memory small and float32 accurate.
 */
export const conv2dBackpropFilter = wasmKernel<Inputs, ConvAttributes & { filterShape: number[] }>(
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

function gradientFor(geometry: Geometry): typeof pointwiseGradient {
  if (pointwise(geometry)) return pointwiseGradient;
  return fewPixels(geometry) ? unfoldedGradient : exchangedConvolution;
}

function pointwise({ kernelHeight, kernelWidth, strideX, strideY, padTop, padLeft }: Geometry): boolean {
  return kernelHeight * kernelWidth * strideX * strideY === 1 && padTop + padLeft === 0;
}

/** xᵀ·dy, or (dyᵀ·x)ᵀ: the engine packs the right factor first, which a tall left one makes worthwhile. */
function pointwiseGradient(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: Geometry,
): TensorInfo {
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
}

/** col(x)ᵀ·dy of few pixels: nothing but the product has the weights' size. */
function unfoldedGradient(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: Geometry,
): TensorInfo {
  const unfolded = unfold(backend, x, geometry);
  const gradient = pixelRows(backend, dy, geometry);
  const found = product(backend, unfolded, gradient);
  release(backend, unfolded, gradient);
  return found;
}

/** dy as `[outHeight·outWidth·count, outChannels]`: all images of a pixel next to each other. */
function pixelRows(backend: BackendWasm, dy: TensorInfo, geometry: Geometry): TensorInfo {
  const { outChannels, outHeight, outWidth } = geometry;
  const count = dy.shape[0] ?? 1;
  const perImage = reshaped(backend, dy, [count, outHeight * outWidth, outChannels]);
  const rows = permuted(backend, perImage, [1, 0, 2]);
  release(backend, perImage);
  return { ...rows, shape: [outHeight * outWidth * count, outChannels] };
}

/**
 * A convolution with dy as the filter: batch and channels change places, and each row of pixels, with all images, becomes
 * the channels that the engine sums fastest. What is left of the filter's width are kernelWidth shifted copies of x.
 */
function exchangedConvolution(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: Geometry,
): TensorInfo {
  const { channels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth, strideY, padTop } = geometry;
  const count = x.shape[0] ?? 1;
  const shifted = shiftedCopies(backend, x, geometry);
  const filter = pixelRows(backend, dy, geometry);
  filter.shape = [outHeight, 1, outWidth * count, outChannels];
  const padBottom = Math.max(0, (outHeight - 1) * strideY + kernelHeight - padTop - (shifted.shape[1] ?? 0));
  const edges = [
    [0, 0],
    [padTop, padBottom],
    [0, 0],
    [0, 0],
  ];
  const attrs = { strides: [1, 1], dilations: [strideY, 1], pad: edges, dataFormat: "NHWC" };
  const found = call(backend, "Conv2D", { x: shifted, filter }, attrs);
  found.shape = [kernelWidth, channels, kernelHeight, outChannels];
  const result = permuted(backend, found, [2, 0, 1, 3]);
  release(backend, shifted, filter, found);
  return result;
}

/** `[kernelWidth·channels, rows, 1, outWidth·count]`: for each kx, what its taps see; zeros beyond the edge. */
function shiftedCopies(backend: BackendWasm, x: TensorInfo, geometry: Geometry): TensorInfo {
  const { height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, strideX, padLeft } =
    geometry;
  const count = x.shape[0] ?? 1;
  const rows = Math.min(height, (outHeight - 1) * geometry.strideY + kernelHeight - geometry.padTop);
  const pixels = reshaped(backend, x, [count, height * width, channels]);
  const planes = permuted(backend, pixels, [2, 1, 0]);
  const shifted = allocate(backend, [kernelWidth * channels, rows, 1, outWidth * count]);
  const [from, to] = [view(backend, planes), view(backend, shifted)];
  const run = outWidth * count;
  let target = 0;
  for (let kx = 0; kx < kernelWidth; kx++) {
    const firstX = Math.min(outWidth, Math.max(0, Math.ceil((padLeft - kx) / strideX)));
    const endX = Math.max(firstX, Math.min(outWidth, Math.ceil((width + padLeft - kx) / strideX)));
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < rows; row++, target += run) {
        const line = (channel * height + row) * width + kx - padLeft;
        to.fill(0, target, target + firstX * count);
        if (strideX === 1) {
          copyRun(from, (line + firstX) * count, to, target + firstX * count, (endX - firstX) * count);
        } else {
          for (let ox = firstX; ox < endX; ox++) {
            copyRun(from, (line + ox * strideX) * count, to, target + ox * count, count);
          }
        }
        to.fill(0, target + endX * count, target + run);
      }
    }
  }
  release(backend, pixels, planes);
  return shifted;
}

function copyRun(from: Float32Array, source: number, to: Float32Array, target: number, length: number): void {
  for (let index = 0; index < length; index++) to[target + index] = from[source + index] as number;
}
