import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Device, Handle, TensorType } from "../device.js";
import { kernel, typed } from "../kernel.js";

interface One {
  readonly x: Handle;
}

interface Reduction {
  /** Null: all axes. */
  readonly axis?: number | number[] | null;
  /** tfjs's name of the axes in a maximum. */
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims: boolean;
}

function reduce(
  tf: Device,
  name: string,
  x: Handle,
  { axis, reductionIndices, keepDims }: Reduction,
): Handle {
  const given = axis ?? reductionIndices ?? x.shape.map((_, index) => index);
  const attributes = { Tidx: { type: "int32" }, keep_dims: { bool: keepDims } } as const;
  const logical = name === "All" || name === "Any";
  return tf.run(name, [x, tf.ints([given].flat())], { ...(logical ? {} : typed(x)), ...attributes });
}

/** The product a·b of the last two axes. */
export function product(tf: Device, a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
  if (a.shape.length === 2 && b.shape.length === 2) {
    const attributes = { transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } };
    return tf.run("MatMul", [a, b], { ...typed(a), ...attributes });
  }
  return tf.run("BatchMatMulV2", [a, b], {
    ...typed(a),
    adj_x: { bool: transposeA },
    adj_y: { bool: transposeB },
  });
}

export const reductions: readonly KernelConfig[] = [
  ...["All", "Any", "Max", "Mean", "Min", "Prod", "Sum"].map((name) =>
    kernel<One, Reduction>(name, ({ inputs: { x }, attrs, tf }) => reduce(tf, name, x, attrs)),
  ),
  ...["ArgMax", "ArgMin"].map((name) =>
    kernel<One, { axis: number }>(name, ({ inputs: { x }, attrs, tf }) =>
      tf.run(name, [x, tf.int(attrs.axis)], {
        ...typed(x),
        Tidx: { type: "int32" },
        output_type: { type: "int32" },
      }),
    ),
  ),
  kernel<{ a: Handle; b: Handle }, { transposeA: boolean; transposeB: boolean }>(
    "BatchMatMul",
    ({ inputs: { a, b }, attrs, tf }) => product(tf, a, b, attrs.transposeA, attrs.transposeB),
  ),
  kernel<One, { axis: number; exclusive: boolean; reverse: boolean }>(
    "Cumsum",
    ({ inputs: { x }, attrs: { axis, exclusive, reverse }, tf }) =>
      tf.run("Cumsum", [x, tf.int(axis)], {
        ...typed(x),
        Tidx: { type: "int32" },
        exclusive: { bool: exclusive },
        reverse: { bool: reverse },
      }),
  ),
  kernel<{ logits: Handle }>("Softmax", ({ inputs: { logits }, tf }) =>
    tf.run("Softmax", [logits], typed(logits)),
  ),
  kernel<{ indices: Handle }, { dtype: TensorType; depth: number; onValue: number; offValue: number }>(
    "OneHot",
    ({ inputs: { indices }, attrs: { dtype, depth, onValue, offValue }, tf }) => {
      const value = (number: number) => (dtype === "float32" ? tf.constant(number) : tf.int(number));
      const inputs = [indices, tf.int(depth), value(onValue), value(offValue)];
      const type = dtype === "float32" ? "float32" : "int32";
      return tf.run("OneHot", inputs, { T: { type }, TI: { type: "int32" }, axis: { int: -1 } });
    },
  ),
];
