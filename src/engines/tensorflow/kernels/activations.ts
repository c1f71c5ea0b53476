import { type KernelConfig, util } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { kernel } from "../kernel.js";
import { product } from "./reductions.js";
import { filled, reshaped } from "./shapes.js";

/**
 * Σ over all axes but the last, computed as a matmul with ones, which is TensorFlow's fastest reduction and
 * has short partial sums.
 */
export function channelSums(tf: Device, x: Handle): Handle {
  const channels = x.shape.at(-1) ?? 1;
  const rows = util.sizeFromShape([...x.shape]) / channels;
  const ones = filled(tf, [1, rows], tf.constant(1));
  return reshaped(tf, product(tf, ones, reshaped(tf, x, [rows, channels])), [channels]);
}

/** Gradients of activation functions, which tfjs composes of comparisons and products. */
export const activations: readonly KernelConfig[] = [
  /** dy where y > 0, else 0. */
  kernel<"dy" | "y">("ReluGradient", ({ inputs: { dy, y }, tf }) => tf.run("ReluGrad", [dy, y])),
  /** dx = dy where x > 0, else α·dy, and dα = Σ dy·min(x, 0) per channel. */
  kernel<"dy" | "x" | "alpha">("PreluGradient", ({ inputs: { dy, x, alpha }, tf }) => {
    const above = tf.run("ReluGrad", [dy, x]);
    const below = tf.run("Sub", [dy, above]);
    const dAlpha = tf.scope(() => channelSums(tf, tf.run("Mul", [below, x])));
    return [tf.run("AddV2", [above, tf.run("Mul", [below, alpha])]), dAlpha];
  }),
];
