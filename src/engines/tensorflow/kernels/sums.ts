import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Device, Handle } from "../device.js";
import { kernel, sizeOf, typed } from "../kernel.js";
import { reshaped } from "./shapes.js";

function reduced(tf: Device, name: "Sum" | "Mean", x: Handle, axes: readonly number[]): Handle {
  return tf.run(name, [x, tf.ints(axes)], {
    ...typed(x),
    Tidx: { type: "int32" },
    keep_dims: { bool: false },
  });
}

/**
 * Σ over all axes but the last, first per image, then over the batch: short partial sums keep float32
 * accurate.
 */
function sumToChannels(tf: Device, x: Handle): Handle {
  const [batch, channels] = [x.shape[0] ?? 1, x.shape.at(-1) ?? 1];
  const pixels = sizeOf(x.shape) / (batch * channels);
  const perImage = pixels === 1 ? x : reduced(tf, "Sum", reshaped(tf, x, [batch, pixels, channels]), [1]);
  return reduced(tf, "Sum", reshaped(tf, perImage, [batch, channels]), [0]);
}

/** Sums per channel and over all elements, and the mean per image. */
export const sums: readonly KernelConfig[] = [
  kernel<{ x: Handle }>("SumToChannels", ({ inputs: { x }, tf }) => sumToChannels(tf, x)),
  kernel<{ x: Handle }, { rows: number }>("SumAll", ({ inputs: { x }, attrs: { rows }, tf }) => {
    const perRow = reduced(tf, "Sum", reshaped(tf, x, [rows, sizeOf(x.shape) / rows]), [1]);
    return reshaped(tf, reduced(tf, "Sum", perRow, [0]), [1]);
  }),
  kernel<{ x: Handle }>("GlobalAveragePool", ({ inputs: { x }, tf }) => reduced(tf, "Mean", x, [1, 2])),
  kernel<{ dy: Handle }, { height: number; width: number }>(
    "GlobalAveragePoolGradient",
    ({ inputs: { dy }, attrs: { height, width }, tf }) => {
      const [batch = 1, channels = 1] = dy.shape;
      const share = tf.run("Mul", [dy, tf.constant(1 / (height * width))], typed(dy));
      const places = [reshaped(tf, share, [batch, 1, 1, channels]), tf.ints([1, height, width, 1])];
      return tf.run("Tile", places, { ...typed(dy), Tmultiples: { type: "int32" } });
    },
  ),
];
