import type { KernelConfig } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes, Handle } from "../device.js";
import { kernel, typed } from "../kernel.js";
import { cropped, padded } from "./convolution.js";

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Less than any activation, so that padding is never the maximum. */
const LOWEST = -3.4e38;

function plan(x: Handle, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  const shape = [...x.shape] as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const reached = (out: number, stride: number, size: number) => (out - 1) * stride + size;
  const { top, left } = info.padInfo;
  const padding = {
    top,
    bottom: Math.max(0, reached(info.outHeight, info.strideHeight, info.filterHeight) - info.inHeight - top),
    left,
    right: Math.max(0, reached(info.outWidth, info.strideWidth, info.filterWidth) - info.inWidth - left),
  };
  const attributes: Attributes = {
    ...typed(x),
    ksize: { int: [1, info.filterHeight, info.filterWidth, 1] },
    strides: { int: [1, info.strideHeight, info.strideWidth, 1] },
    padding: { string: "VALID" },
    data_format: { string: "NHWC" },
  };
  return { info, padding, attributes };
}

/**
 * Max pooling and its gradient, which goes to the first element of each window that equals the maximum, as in
 * PyTorch.
 */
export const pooling: readonly KernelConfig[] = [
  kernel<{ x: Handle }, PoolAttributes>("MaxPool", ({ inputs: { x }, attrs, tf }) => {
    const { padding, attributes } = plan(x, attrs);
    return tf.run("MaxPool", [padded(tf, x, padding, LOWEST)], attributes);
  }),
  kernel<{ dy: Handle; input: Handle; output: Handle }, PoolAttributes>(
    "MaxPoolGrad",
    ({ inputs: { dy, input, output }, attrs, tf }) => {
      const { info, padding, attributes } = plan(input, attrs);
      const wide = padded(tf, input, padding, LOWEST);
      const dx = tf.run("MaxPoolGrad", [wide, output, dy], attributes);
      return cropped(tf, dx, padding, info.inHeight, info.inWidth);
    },
  ),
];
