import type { TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { allocate, view, wasmKernel } from "./calls.js";

interface Inputs {
  readonly dy: TensorInfo;
  readonly input: TensorInfo;
  readonly output: TensorInfo;
}

interface Attributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The pixels of a window; the end indices are exclusive. */
interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Each window's gradient goes to the first element that equals the maximum, as in PyTorch. */
export const maxPoolGrad = wasmKernel<Inputs, Attributes>("MaxPoolGrad", ({ inputs, attrs, backend }) => {
  const { dy, input, output } = inputs;
  const dx = allocate(backend, input.shape);
  const shape = input.shape as [number, number, number, number];
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const arrays = {
    x: view(backend, input),
    largest: view(backend, output),
    gradient: view(backend, dy),
    sums: view(backend, dx).fill(0),
  };
  let from = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let oy = 0; oy < info.outHeight; oy++) {
      const top = oy * info.strideHeight - info.padInfo.top;
      for (let ox = 0; ox < info.outWidth; ox++, from += info.inChannels) {
        const left = ox * info.strideWidth - info.padInfo.left;
        const window = {
          top: image * info.inHeight + Math.max(0, top),
          bottom: image * info.inHeight + Math.min(info.inHeight, top + info.filterHeight),
          left: Math.max(0, left),
          right: Math.min(info.inWidth, left + info.filterWidth),
        };
        for (let channel = 0; channel < info.inChannels; channel++) {
          giveToLargest(arrays, window, from + channel, info.inWidth, info.inChannels, channel);
        }
      }
    }
  }
  return dx;
});

function giveToLargest(
  { x, largest, gradient, sums }: Record<"x" | "largest" | "gradient" | "sums", Float32Array>,
  { top, bottom, left, right }: Window,
  from: number,
  width: number,
  channels: number,
  channel: number,
): void {
  const maximum = largest[from] as number;
  for (let y = top; y < bottom; y++) {
    let place = (y * width + left) * channels + channel;
    for (let column = left; column < right; column++, place += channels) {
      if (x[place] !== maximum) continue;
      sums[place] = (sums[place] as number) + (gradient[from] as number);
      return;
    }
  }
}
