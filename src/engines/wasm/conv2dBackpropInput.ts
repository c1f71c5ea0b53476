import { type ConvAttributes, geometryOf } from "../geometry.js";
import { bordered } from "./bordered.js";
import { allocate, release, view, wasmKernel } from "./calls.js";
import { convolve, panels } from "./convolve.js";

/**
 * The input's pixels `phase`, `phase` + stride, … get their gradient from the taps `last`, `last` - stride, …
 * of the kernel, which read the output's pixels from `start` on.
 */
interface Phase {
  readonly phase: number;
  readonly pixels: number;
  readonly taps: number;
  readonly last: number;
  readonly start: number;
}

/**
 * For the input's pixels of each phase of the stride, the gradient is a convolution of dy, without stride, with
 * the rotated taps that reach them.
 */
export const conv2dBackpropInput = wasmKernel<"dy" | "filter", ConvAttributes & { inputShape: number[] }>(
  "Conv2DBackpropInput",
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const geometry = geometryOf(attrs.inputShape, filter.shape, attrs, false);
    const { batch, height, width, channels, outChannels, kernelWidth, strideY, strideX } = geometry;
    const vertical = phasesOf(height, geometry.kernelHeight, strideY, geometry.padTop);
    const horizontal = phasesOf(width, kernelWidth, strideX, geometry.padLeft);
    const [above, left] = [borderOf(vertical), borderOf(horizontal)];
    const size = { height: extentOf(vertical, above), width: extentOf(horizontal, left) };
    const images = bordered(backend, dy, { top: above, left }, size);
    const dx = allocate(backend, [batch, height, width, channels]);
    const idle = [...vertical, ...horizontal].some(({ taps }) => taps === 0);
    if (idle) view(backend, dx).fill(0);
    const line = images.width * outChannels;
    for (const y of vertical) {
      for (const x of horizontal) {
        if (y.taps * x.taps * y.pixels * x.pixels === 0) continue;
        const packed = panels(backend, y.taps * x.taps * outChannels, channels, "packTurned", filter, [
          ...[kernelWidth, channels, outChannels, y.last, x.last],
          ...[strideY, strideX, y.taps, x.taps],
        ]);
        const first = (y.start + above) * line + (x.start + left) * outChannels;
        convolve(backend, {
          x: { tensor: images.tensor, first, image: images.height * line, row: line, pixel: outChannels },
          y: {
            ...{ tensor: dx, first: (y.phase * width + x.phase) * channels },
            ...{
              image: height * width * channels,
              row: strideY * width * channels,
              pixel: strideX * channels,
            },
          },
          window: { lines: y.taps, line, run: x.taps * outChannels },
          pixels: [batch, y.pixels, x.pixels],
          packed,
          channels,
        });
        release(backend, packed);
      }
    }
    release(backend, images.tensor);
    return dx;
  },
);

function phasesOf(size: number, kernel: number, stride: number, padding: number): Phase[] {
  return Array.from({ length: stride }, (_, phase) => {
    const first = (phase + padding) % stride;
    const taps = Math.max(0, Math.ceil((kernel - first) / stride));
    const last = first + stride * (taps - 1);
    const pixels = Math.max(0, Math.ceil((size - phase) / stride));
    return { phase, pixels, taps, last, start: (phase + padding - last) / stride };
  });
}

/** Rows or columns before the output's first one that some tap reads. */
function borderOf(phases: readonly Phase[]): number {
  return Math.max(0, ...phases.map(({ start }) => -start));
}

function extentOf(phases: readonly Phase[], border: number): number {
  return border + Math.max(...phases.map(({ start, pixels, taps }) => start + pixels + taps - 1));
}
