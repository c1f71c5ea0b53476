import type { TensorInfo } from "@tensorflow/tfjs-core";
import { allocate, view, wasmKernel } from "./calls.js";
import type { ConvAttributes, Geometry } from "./geometry.js";
import { geometryOf } from "./geometry.js";

interface Inputs {
  readonly x: TensorInfo;
  readonly dy: TensorInfo;
}

/** dW[tap, channel] = Σ x·dy over the pixels where the tap lies inside the image; one output channel a channel. */
export const depthwiseBackpropFilter = wasmKernel<Inputs, ConvAttributes & { filterShape: number[] }>(
  "DepthwiseConv2dNativeBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, true);
    const dFilter = allocate(backend, attrs.filterShape);
    const sums = view(backend, dFilter).fill(0);
    accumulate(view(backend, x), view(backend, dy), sums, geometry);
    return dFilter;
  },
);

/** Sums each image row on its own before it joins the total, which keeps float32 accurate. */
function accumulate(x: Float32Array, dy: Float32Array, sums: Float32Array, geometry: Geometry): void {
  const { batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const { strideX, strideY, padTop, padLeft } = geometry;
  const partial = new Float32Array(channels);
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = oy * strideY + ky - padTop;
        if (y < 0 || y >= height) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const xRow = ((image * height + y) * width + kx - padLeft) * channels;
          const dyRow = (image * outHeight + oy) * outWidth * channels;
          const firstX = Math.max(0, Math.ceil((padLeft - kx) / strideX));
          const endX = Math.min(outWidth, Math.ceil((width + padLeft - kx) / strideX));
          partial.fill(0);
          for (let ox = firstX; ox < endX; ox++) {
            multiplyRun(partial, x, xRow + ox * strideX * channels, dy, dyRow + ox * channels);
          }
          const tap = (ky * kernelWidth + kx) * channels;
          for (let channel = 0; channel < channels; channel++) {
            sums[tap + channel] = (sums[tap + channel] as number) + (partial[channel] as number);
          }
        }
      }
    }
  }
}

function multiplyRun(into: Float32Array, x: Float32Array, atX: number, dy: Float32Array, atDy: number): void {
  for (let index = 0; index < into.length; index++) {
    into[index] = (into[index] as number) + (x[atX + index] as number) * (dy[atDy + index] as number);
  }
}
