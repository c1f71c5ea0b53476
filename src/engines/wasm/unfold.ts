import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Geometry } from "../geometry.js";
import { allocate, permuted, release, reshaped, view } from "./calls.js";

/**
 * Whether a convolution has fewer output pixels than output channels. Then unfolding the input is faster than
 * a convolution of XNNPACK, which repacks the weights.
 */
export function fewPixels({ batch, outHeight, outWidth, outChannels }: Geometry): boolean {
  return batch * outHeight * outWidth <= outChannels;
}

/**
 * im2col of `x [batch, height, width, channels]`: `[kernelHeight·kernelWidth·channels,
 * outHeight·outWidth·batch]`, zeros beyond the edge.
 */
export function unfold(backend: BackendWasm, x: TensorInfo, geometry: Geometry): TensorInfo {
  const { height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const { strideX, strideY, padTop, padLeft } = geometry;
  const batch = x.shape[0] ?? 1;
  const pixels = reshaped(backend, x, [batch, height * width, channels]);
  const planes = permuted(backend, pixels, [2, 1, 0]);
  const unfolded = allocate(backend, [kernelHeight * kernelWidth * channels, outHeight * outWidth * batch]);
  const [from, to] = [view(backend, planes), view(backend, unfolded)];
  let target = 0;
  for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
    const [ky, kx] = [Math.floor(tap / kernelWidth), tap % kernelWidth];
    for (let channel = 0; channel < channels; channel++) {
      for (let oy = 0; oy < outHeight; oy++) {
        const row = oy * strideY + ky - padTop;
        for (let ox = 0; ox < outWidth; ox++, target += batch) {
          const column = ox * strideX + kx - padLeft;
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          const source = ((channel * height + row) * width + column) * batch;
          for (let n = 0; n < batch; n++) to[target + n] = inside ? (from[source + n] as number) : 0;
        }
      }
    }
  }
  release(backend, pixels, planes);
  return unfolded;
}

/** dy as `[outHeight·outWidth·count, outChannels]`: the rows of one pixel, for all images, are adjacent. */
export function pixelRows(backend: BackendWasm, dy: TensorInfo, geometry: Geometry): TensorInfo {
  const { outChannels, outHeight, outWidth } = geometry;
  const count = dy.shape[0] ?? 1;
  const perImage = reshaped(backend, dy, [count, outHeight * outWidth, outChannels]);
  const rows = permuted(backend, perImage, [1, 0, 2]);
  release(backend, perImage);
  return { ...rows, shape: [outHeight * outWidth * count, outChannels] };
}
