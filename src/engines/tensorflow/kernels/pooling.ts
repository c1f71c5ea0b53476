import type { KernelConfig } from "@tensorflow/tfjs-core";
import { type PoolAttributes, paddingOf, poolingOf } from "../../geometry.js";
import type { Attributes, Handle } from "../device.js";
import { kernel } from "../kernel.js";
import { cropped, padded } from "./convolution.js";

/** Less than any activation, so that padding is never the maximum. */
const LOWEST = -3.4e38;

function plan(x: Handle, attrs: PoolAttributes) {
  const info = poolingOf(x.shape, attrs);
  const attributes: Attributes = {
    ksize: { int: [1, info.kernelHeight, info.kernelWidth, 1] },
    strides: { int: [1, info.strideY, info.strideX, 1] },
    padding: { string: "VALID" },
  };
  return { info, padding: paddingOf(info), attributes };
}

/**
 * Max pooling and its gradient, which goes to the first element of each window that equals the maximum, as in
 * PyTorch.
 */
export const pooling: readonly KernelConfig[] = [
  kernel<"x", PoolAttributes>("MaxPool", ({ inputs: { x }, attrs, tf }) => {
    const { padding, attributes } = plan(x, attrs);
    return tf.run("MaxPool", [padded(tf, x, padding, LOWEST)], attributes);
  }),
  kernel<"dy" | "input" | "output", PoolAttributes>(
    "MaxPoolGrad",
    ({ inputs: { dy, input, output }, attrs, tf }) => {
      const { info, padding, attributes } = plan(input, attrs);
      const dx = tf.run("MaxPoolGrad", [padded(tf, input, padding, LOWEST), output, dy], attributes);
      return cropped(tf, dx, padding, info.height, info.width);
    },
  ),
];
