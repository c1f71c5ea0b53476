import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type ConvAttributes, type Geometry, geometryOf } from "../geometry.js";
import { allocate, call, release, view, wasmKernel } from "./calls.js";

/**
 * The depthwise convolution, without padding, of dy with the filter rotated by 180°. First dy's pixels are
 * spread out by the stride and surrounded with zeros. This border includes the padding, so one implementation
 * covers every size, stride and padding.
 */
export const depthwiseBackpropInput = wasmKernel<"dy" | "filter", ConvAttributes & { inputShape: number[] }>(
  "DepthwiseConv2dNativeBackpropInput",
  ({ inputs: { dy, filter }, attrs, backend }) => {
    const geometry = geometryOf(attrs.inputShape, filter.shape, attrs, true);
    const spread = spreadOut(backend, dy, geometry);
    const turned = turn(backend, filter, geometry);
    const plain = { strides: [1, 1], pad: 0, dilations: [1, 1], dimRoundingMode: "floor" };
    const dx = call(backend, "DepthwiseConv2dNative", { x: spread, filter: turned }, plain);
    release(backend, spread, turned);
    return dx;
  },
);

/**
 * `[batch, height + kernelHeight - 1, width + kernelWidth - 1, channels]`, with dy's pixels `stride` apart.
 */
function spreadOut(backend: BackendWasm, dy: TensorInfo, geometry: Geometry): TensorInfo {
  const { batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const [rows, columns] = [height + kernelHeight - 1, width + kernelWidth - 1];
  const [top, left] = [kernelHeight - 1 - geometry.padTop, kernelWidth - 1 - geometry.padLeft];
  const spread = allocate(backend, [batch, rows, columns, channels]);
  const [from, to] = [view(backend, dy), view(backend, spread).fill(0)];
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const row = top + oy * geometry.strideY;
      if (row < 0 || row >= rows) continue;
      for (let ox = 0; ox < outWidth; ox++) {
        const column = left + ox * geometry.strideX;
        if (column < 0 || column >= columns) continue;
        const source = ((image * outHeight + oy) * outWidth + ox) * channels;
        const target = ((image * rows + row) * columns + column) * channels;
        for (let channel = 0; channel < channels; channel++)
          to[target + channel] = from[source + channel] as number;
      }
    }
  }
  return spread;
}

/** The taps in reverse order. */
function turn(backend: BackendWasm, filter: TensorInfo, { channels }: Geometry): TensorInfo {
  const turned = allocate(backend, filter.shape);
  const [from, to] = [view(backend, filter), view(backend, turned)];
  for (let start = 0; start < from.length; start += channels)
    to.set(from.subarray(start, start + channels), from.length - channels - start);
  return turned;
}
