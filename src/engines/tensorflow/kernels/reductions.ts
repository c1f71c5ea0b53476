import type { BatchMatMulAttrs, CumsumAttrs, KernelConfig, OneHotAttrs } from "@tensorflow/tfjs-core";
import type { Reduction } from "../../kernels.js";
import type { Device, Handle } from "../device.js";
import { kernel } from "../kernel.js";

/** The matmul a·b over the last two axes. */
export function product(tf: Device, a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
  const [left, right] = [{ bool: transposeA }, { bool: transposeB }];
  return a.shape.length === 2 && b.shape.length === 2
    ? tf.run("MatMul", [a, b], { transpose_a: left, transpose_b: right })
    : tf.run("BatchMatMulV2", [a, b], { adj_x: left, adj_y: right });
}

export const reductions: readonly KernelConfig[] = [
  ...["All", "Any", "Max", "Mean", "Min", "Prod", "Sum"].map((name) =>
    kernel<"x", Reduction>(
      name,
      ({ inputs: { x }, attrs: { axis, reductionIndices, keepDims = false }, tf }) => {
        const axes = [axis ?? reductionIndices ?? x.shape.map((_, index) => index)].flat();
        return tf.run(name, [x, tf.ints(axes)], { keep_dims: { bool: keepDims } });
      },
    ),
  ),
  ...["ArgMax", "ArgMin"].map((name) =>
    kernel<"x", { axis: number }>(name, ({ inputs: { x }, attrs, tf }) =>
      tf.run(name, [x, tf.int(attrs.axis)], { output_type: { type: "int32" } }),
    ),
  ),
  kernel<"a" | "b", BatchMatMulAttrs>("BatchMatMul", ({ inputs: { a, b }, attrs, tf }) =>
    product(tf, a, b, attrs.transposeA, attrs.transposeB),
  ),
  kernel<"x", CumsumAttrs>("Cumsum", ({ inputs: { x }, attrs: { axis, exclusive, reverse }, tf }) =>
    tf.run("Cumsum", [x, tf.int(axis)], { exclusive: { bool: exclusive }, reverse: { bool: reverse } }),
  ),
  kernel<"logits">("Softmax", ({ inputs: { logits }, tf }) => tf.run("Softmax", [logits])),
  kernel<"indices", OneHotAttrs>(
    "OneHot",
    ({ inputs: { indices }, attrs: { dtype, depth, onValue, offValue }, tf }) => {
      const value = (number: number) => (dtype === "float32" ? tf.constant(number) : tf.int(number));
      return tf.run("OneHot", [indices, tf.int(depth), value(onValue), value(offValue)]);
    },
  ),
];
