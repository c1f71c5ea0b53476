import { type PoolAttributes, poolingOf } from "../geometry.js";
import { allocate, view, wasmKernel } from "./calls.js";

/** Each window's gradient goes to the first element that equals the maximum, as in PyTorch. */
export const maxPoolGrad = wasmKernel<"dy" | "input" | "output", PoolAttributes>(
  "MaxPoolGrad",
  ({ inputs: { dy, input, output }, attrs, backend }) => {
    const dx = allocate(backend, input.shape);
    const geometry = poolingOf(input.shape, attrs);
    const { batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
    const [x, largest] = [view(backend, input), view(backend, output)];
    const [gradient, sums] = [view(backend, dy), view(backend, dx).fill(0)];
    let from = 0;
    for (let image = 0; image < batch; image++) {
      for (let oy = 0; oy < outHeight; oy++) {
        const y = oy * geometry.strideY - geometry.padTop;
        const [top, bottom] = [Math.max(0, y), Math.min(height, y + kernelHeight)];
        for (let ox = 0; ox < outWidth; ox++) {
          const left = ox * geometry.strideX - geometry.padLeft;
          const columns = Math.min(width, left + kernelWidth) - Math.max(0, left);
          for (let channel = 0; channel < channels; channel++, from++) {
            const first = ((image * height + top) * width + Math.max(0, left)) * channels + channel;
            const place = placeOf(x, largest[from] as number, first, bottom - top, columns, width, channels);
            if (place >= 0) sums[place] = (sums[place] as number) + (gradient[from] as number);
          }
        }
      }
    }
    return dx;
  },
);

/** The first index of `maximum` in a window of `rows × columns` pixels that starts at index `first`; -1 if none. */
function placeOf(
  x: Float32Array,
  maximum: number,
  first: number,
  rows: number,
  columns: number,
  width: number,
  channels: number,
): number {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = first + (row * width + column) * channels;
      if (x[place] === maximum) return place;
    }
  }
  return -1;
}
