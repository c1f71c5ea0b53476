import { type ConvAttributes, type Geometry, geometryOf } from "../geometry.js";
import { kernel, valuesOf } from "./sums.js";

/**
 * dW[ky, kx, c, o] = Σ x[n, s·oy + ky - p, s·ox + kx - p, c]·dy[n, oy, ox, o], summed in float64 and rounded
 * once, as in tfjs's kernel. That kernel reads every factor through a tensor buffer, which takes five sixths
 * of a training step on this backend; the kernel in this file reads the arrays directly, and its innermost
 * loop runs over the output channels.
 */
export const conv2dBackpropFilter = kernel<"x" | "dy", ConvAttributes & { readonly filterShape: number[] }>(
  "Conv2DBackpropFilter",
  ({ inputs: { x, dy }, attrs, backend }) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs, false);
    const values = filterGradient(valuesOf(backend, x), valuesOf(backend, dy), geometry);
    return { shape: [...attrs.filterShape], values };
  },
);

function filterGradient(x: Float32Array, dy: Float32Array, geometry: Geometry): Float32Array {
  const { kernelHeight, kernelWidth, channels, outChannels } = geometry;
  const tapSize = channels * outChannels;
  const gradient = new Float32Array(kernelHeight * kernelWidth * tapSize);
  const sums = new Float64Array(tapSize);
  for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
    sums.fill(0);
    sumTap(sums, x, dy, geometry, Math.floor(tap / kernelWidth), tap % kernelWidth);
    gradient.set(sums, tap * tapSize);
  }
  return gradient;
}

/** Adds every output pixel's contribution to the filter tap (ky, kx) to `sums [channels, outChannels]`. */
function sumTap(
  sums: Float64Array,
  x: Float32Array,
  dy: Float32Array,
  { batch, height, width, channels, outHeight, outWidth, outChannels, ...window }: Geometry,
  ky: number,
  kx: number,
): void {
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const row = oy * window.strideY + ky - window.padTop;
      if (row < 0 || row >= height) continue;
      for (let ox = 0; ox < outWidth; ox++) {
        const column = ox * window.strideX + kx - window.padLeft;
        if (column < 0 || column >= width) continue;
        const from = ((image * height + row) * width + column) * channels;
        const to = ((image * outHeight + oy) * outWidth + ox) * outChannels;
        for (let c = 0; c < channels; c++)
          addScaled(sums, c * outChannels, x[from + c] as number, dy, to, outChannels);
      }
    }
  }
}

function addScaled(
  sums: Float64Array,
  at: number,
  factor: number,
  values: Float32Array,
  from: number,
  count: number,
): void {
  for (let index = 0; index < count; index++)
    sums[at + index] = (sums[at + index] as number) + factor * (values[from + index] as number);
}
