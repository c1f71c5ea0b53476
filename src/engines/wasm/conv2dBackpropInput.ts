import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type ConvAttributes, type Geometry, geometryOf } from "../geometry.js";
import { allocate, call, images, permuted, product, release, reshaped, view, wasmKernel } from "./calls.js";

/** Chunk limit: floats of folded gradient. */
const pieceSize = 1 << 22;

/**
 * At stride 1 the input gradient is the convolution of dy with the filter rotated by 180° and its channels
 * swapped. At larger strides this convolution would multiply mostly zeros, and with few pixels rotating and
 * packing the filter takes longer than the convolution. In these cases W·dyᵀ is computed, and the part of
 * each tap is added to its input pixel.
 */
export const conv2dBackpropInput = wasmKernel<"dy" | "filter", ConvAttributes & { inputShape: number[] }>(
  "Conv2DBackpropInput",
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const geometry = geometryOf(attrs.inputShape, filter.shape, attrs, false);
    const { batch, outHeight, outWidth, outChannels } = geometry;
    const crowded = batch * outHeight * outWidth > 3 * outChannels;
    return crowded && turnable(geometry)
      ? turnedConvolution(backend, dy, filter, geometry)
      : foldedProduct(backend, dy, filter, geometry);
  },
);

/**
 * Whether the rotated convolution can be used. It needs the padding kernel - 1 - padding, which must be one
 * non-negative number for both axes.
 */
function turnable(geometry: Geometry): boolean {
  const { strideX, strideY, kernelHeight, kernelWidth, padTop, padLeft } = geometry;
  const square = kernelHeight === kernelWidth && padTop === padLeft;
  const whole = geometry.outHeight === geometry.height + 2 * padTop - kernelHeight + 1;
  return strideX * strideY === 1 && square && whole && padTop < kernelHeight;
}

function turnedConvolution(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  { kernelHeight, kernelWidth, channels, outChannels, padTop }: Geometry,
): TensorInfo {
  const taps = kernelHeight * kernelWidth;
  const turned = allocate(backend, [taps, channels, outChannels]);
  const [from, to] = [view(backend, filter), view(backend, turned)];
  const tap = channels * outChannels;
  for (let index = 0; index < taps; index++)
    to.set(from.subarray(index * tap, (index + 1) * tap), (taps - 1 - index) * tap);
  const exchanged = permuted(backend, turned, [0, 2, 1]);
  exchanged.shape = [kernelHeight, kernelWidth, outChannels, channels];
  const attrs = { strides: [1, 1], pad: kernelHeight - 1 - padTop, dilations: [1, 1], dataFormat: "NHWC" };
  const dx = call(backend, "Conv2D", { x: dy, filter: exchanged }, { ...attrs, dimRoundingMode: "floor" });
  release(backend, turned, exchanged);
  return dx;
}

function foldedProduct(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  geometry: Geometry,
): TensorInfo {
  const { batch, height, width, channels, outHeight, outWidth, outChannels } = geometry;
  const rows = geometry.kernelHeight * geometry.kernelWidth * channels;
  const pixels = outHeight * outWidth;
  const weights = reshaped(backend, filter, [rows, outChannels]);
  const dx = allocate(backend, [batch, height, width, channels]);
  view(backend, dx).fill(0);
  const step = Math.max(1, Math.floor(pieceSize / (rows * pixels)));
  for (let first = 0; first < batch; first += step) {
    const piece = images(backend, dy, first, step);
    const count = piece.shape[0] ?? 0;
    const flat = reshaped(backend, piece, [count * pixels, outChannels]);
    const turned = permuted(backend, flat, [1, 0]);
    const shares = product(backend, weights, turned);
    const folded = permuted(backend, shares, [1, 0]);
    fold(view(backend, folded), view(backend, dx), geometry, first, count);
    release(backend, piece, flat, turned, shares, folded);
  }
  release(backend, weights);
  return dx;
}

/**
 * Adds `folded [count·outHeight·outWidth, kernelHeight·kernelWidth·channels]` to the input pixels of its
 * taps.
 */
function fold(
  folded: Float32Array,
  dx: Float32Array,
  geometry: Geometry,
  first: number,
  count: number,
): void {
  const { height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const { strideX, strideY, padTop, padLeft } = geometry;
  let source = 0;
  for (let image = first; image < first + count; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * strideY + ky - padTop;
          for (let kx = 0; kx < kernelWidth; kx++, source += channels) {
            const x = ox * strideX + kx - padLeft;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            addRun(dx, ((image * height + y) * width + x) * channels, folded, source, channels);
          }
        }
      }
    }
  }
}

function addRun(into: Float32Array, target: number, from: Float32Array, source: number, count: number): void {
  for (let index = 0; index < count; index++)
    into[target + index] = (into[target + index] as number) + (from[source + index] as number);
}
