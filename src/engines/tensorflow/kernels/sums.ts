import { type KernelConfig, util } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { kernel } from "../kernel.js";
import { reshaped, tiled } from "./shapes.js";

function summed(tf: Device, x: Handle, axis: number): Handle {
  return tf.run("Sum", [x, tf.ints([axis])]);
}

/**
 * Sums per channel and over all elements, and the mean per image. Short partial sums keep float32 accurate.
 */
export const sums: readonly KernelConfig[] = [
  /** Σ over all axes but the last, first per image, then over the batch. */
  kernel<"x">("SumToChannels", ({ inputs: { x }, tf }) => {
    const [batch, channels] = [x.shape[0] ?? 1, x.shape.at(-1) ?? 1];
    const pixels = util.sizeFromShape([...x.shape]) / (batch * channels);
    const perImage = pixels === 1 ? x : summed(tf, reshaped(tf, x, [batch, pixels, channels]), 1);
    return summed(tf, reshaped(tf, perImage, [batch, channels]), 0);
  }),
  kernel<"x", { rows: number }>("SumAll", ({ inputs: { x }, attrs: { rows }, tf }) => {
    const perRow = summed(tf, reshaped(tf, x, [rows, util.sizeFromShape([...x.shape]) / rows]), 1);
    return reshaped(tf, summed(tf, perRow, 0), [1]);
  }),
  kernel<"x">("GlobalAveragePool", ({ inputs: { x }, tf }) => tf.run("Mean", [x, tf.ints([1, 2])])),
  kernel<"dy", { height: number; width: number }>(
    "GlobalAveragePoolGradient",
    ({ inputs: { dy }, attrs: { height, width }, tf }) => {
      const [batch = 1, channels = 1] = dy.shape;
      const share = tf.run("Mul", [dy, tf.constant(1 / (height * width))]);
      return tiled(tf, reshaped(tf, share, [batch, 1, 1, channels]), [1, height, width, 1]);
    },
  ),
];
