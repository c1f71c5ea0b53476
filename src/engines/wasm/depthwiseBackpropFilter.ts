import { type ConvAttributes, type Geometry, geometryOf } from "../geometry.js";
import { allocate, view, wasmKernel } from "./calls.js";

/**
 * dW[tap, channel] = Σ x·dy over the pixels for which the tap is inside the image; one output channel per
 * input channel.
 */
export const depthwiseBackpropFilter = wasmKernel<"x" | "dy", ConvAttributes & { filterShape: number[] }>(
  "DepthwiseConv2dNativeBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, true);
    const dFilter = allocate(backend, attrs.filterShape);
    const sums = view(backend, dFilter).fill(0);
    accumulate(view(backend, x), view(backend, dy), sums, geometry);
    return dFilter;
  },
);

/** Sums each image row in one register per channel, and the rows in float32. */
function accumulate(x: Float32Array, dy: Float32Array, sums: Float32Array, geometry: Geometry): void {
  const { batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const { strideX, strideY, padTop, padLeft } = geometry;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const dyRow = (image * outHeight + oy) * outWidth * channels;
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = oy * strideY + ky - padTop;
        if (y < 0 || y >= height) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const firstX = Math.max(0, Math.ceil((padLeft - kx) / strideX));
          const endX = Math.min(outWidth, Math.ceil((width + padLeft - kx) / strideX));
          const xStart = ((image * height + y) * width + firstX * strideX + kx - padLeft) * channels;
          const tap = (ky * kernelWidth + kx) * channels;
          const [start, pixels] = [dyRow + firstX * channels, endX - firstX];
          addRowProducts(sums, tap, x, xStart, strideX * channels, dy, start, channels, pixels);
        }
      }
    }
  }
}

/** Processes four channels at a time, because their sums are independent. */
function addRowProducts(
  sums: Float32Array,
  tap: number,
  x: Float32Array,
  xStart: number,
  xStep: number,
  dy: Float32Array,
  dyStart: number,
  channels: number,
  pixels: number,
): void {
  let channel = 0;
  for (; channel + 4 <= channels; channel += 4) {
    let [total0, total1, total2, total3] = [0, 0, 0, 0];
    let xAt = xStart + channel;
    let dyAt = dyStart + channel;
    for (let pixel = 0; pixel < pixels; pixel++, xAt += xStep, dyAt += channels) {
      total0 += (x[xAt] as number) * (dy[dyAt] as number);
      total1 += (x[xAt + 1] as number) * (dy[dyAt + 1] as number);
      total2 += (x[xAt + 2] as number) * (dy[dyAt + 2] as number);
      total3 += (x[xAt + 3] as number) * (dy[dyAt + 3] as number);
    }
    const at = tap + channel;
    sums[at] = (sums[at] as number) + total0;
    sums[at + 1] = (sums[at + 1] as number) + total1;
    sums[at + 2] = (sums[at + 2] as number) + total2;
    sums[at + 3] = (sums[at + 3] as number) + total3;
  }
  for (; channel < channels; channel++) {
    let total = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      total +=
        (x[xStart + channel + pixel * xStep] as number) *
        (dy[dyStart + channel + pixel * channels] as number);
    }
    sums[tap + channel] = (sums[tap + channel] as number) + total;
  }
}
