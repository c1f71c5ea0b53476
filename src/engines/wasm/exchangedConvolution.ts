import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Geometry } from "../geometry.js";
import { allocate, call, permuted, release, reshaped, view } from "./calls.js";
import { pixelRows } from "./unfold.js";

/** Computes the filter gradient of a few images. */
export type FilterGradient = (
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: Geometry,
) => TensorInfo;

/**
 * Computes the filter gradient as a convolution of x with dy as the filter. The channels of x become the
 * batch, and the pixels of a row of all images become the channel axis, over which XNNPACK sums fastest. For
 * each of the kernelWidth columns of the filter, x is copied, shifted by that column.
 */
export const exchangedConvolution: FilterGradient = (backend, x, dy, geometry) => {
  const { channels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth, strideY, padTop } = geometry;
  const count = x.shape[0] ?? 1;
  const shifted = shiftedCopies(backend, x, geometry);
  const filter = pixelRows(backend, dy, geometry);
  filter.shape = [outHeight, 1, outWidth * count, outChannels];
  const padBottom = Math.max(0, (outHeight - 1) * strideY + kernelHeight - padTop - (shifted.shape[1] ?? 0));
  const none = [0, 0];
  const pad = [none, [padTop, padBottom], none, none];
  const attrs = { strides: [1, 1], dilations: [strideY, 1], pad, dataFormat: "NHWC" };
  const found = call(backend, "Conv2D", { x: shifted, filter }, attrs);
  found.shape = [kernelWidth, channels, kernelHeight, outChannels];
  const result = permuted(backend, found, [2, 0, 1, 3]);
  release(backend, shifted, filter, found);
  return result;
};

/** `[kernelWidth·channels, rows, 1, outWidth·count]`: the inputs of each kx, with zeros beyond the edge. */
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
          for (let ox = firstX; ox < endX; ox++)
            copyRun(from, (line + ox * strideX) * count, to, target + ox * count, count);
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
