import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { TensorType } from "../../refCountedBackend.js";
import type { Device, Handle } from "../device.js";
import { kernel, listed } from "../kernel.js";

/** Unary functions that have the same name in tfjs and in TensorFlow. */
const unary = [
  ...["Abs", "Ceil", "Exp", "Expm1", "Floor", "Identity", "IsFinite", "IsInf", "IsNan", "Log", "Log1p"],
  ...["LogicalNot", "Neg", "Reciprocal", "Relu", "Relu6", "Rsqrt", "Sigmoid", "Sign", "Softplus", "Sqrt"],
  ...["Square", "Tanh"],
];
const binary = [
  ...["Equal", "FloorDiv", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr"],
  ...["Maximum", "Minimum", "NotEqual", "Pow", "RealDiv", "SquaredDifference", "Sub"],
];

/** Other binary functions: tfjs's name and TensorFlow's name. */
const renamed = { Add: "AddV2", Mod: "FloorMod", Multiply: "Mul" };

export function clipped(tf: Device, x: Handle, low: number, high: number): Handle {
  return tf.run("ClipByValue", [x, tf.constant(low), tf.constant(high)]);
}

/**
 * Adding this number to a float32 of at most 2²² and subtracting it again rounds to the nearest integer, ties
 * to even.
 */
const SHIFT = 1.5 * 2 ** 23;

/**
 * Rounds to the nearest integer, ties to even, many times faster than TensorFlow's operation. Values beyond
 * 2²², which are integers except for halves, are handled separately.
 */
function rounded(tf: Device, x: Handle): Handle {
  const limit = 2 ** 22;
  const shift = tf.constant(SHIFT);
  const near = clipped(tf, x, -limit, limit);
  const whole = tf.run("Sub", [tf.run("AddV2", [near, shift]), shift]);
  return tf.run("AddV2", [whole, tf.run("Sub", [x, near])]);
}

/** x + b per channel. This takes half the time of an addition that broadcasts b. */
export function biased(tf: Device, x: Handle, b: Handle): Handle {
  return tf.run("BiasAdd", [x, b]);
}

function isBias(a: Handle, b: Handle): boolean {
  const channels = a.shape.at(-1);
  return a.shape.length > 1 && b.shape.length === 1 && b.shape[0] === channels && a.dtype === "float32";
}

export function cast(tf: Device, x: Handle, dtype: TensorType): Handle {
  return tf.run("Cast", [x], { DstT: { type: dtype } });
}

export const elementwise: readonly KernelConfig[] = [
  ...unary.map((name) => kernel<"x">(name, ({ inputs: { x }, tf }) => tf.run(name, [x]))),
  ...[...binary.map((name) => [name, name] as const), ...Object.entries(renamed)].map(([name, operation]) =>
    kernel<"a" | "b">(name, ({ inputs: { a, b }, tf }) =>
      name === "Add" && isBias(a, b) ? biased(tf, a, b) : tf.run(operation, [a, b]),
    ),
  ),
  kernel("AddN", ({ inputs, tf }) => tf.run("AddN", Object.values(inputs), listed(Object.values(inputs)))),
  kernel<"x", { dtype: TensorType }>("Cast", ({ inputs: { x }, attrs, tf }) => cast(tf, x, attrs.dtype)),
  kernel<"x", { clipValueMin: number; clipValueMax: number }>("ClipByValue", ({ inputs: { x }, attrs, tf }) =>
    tf.run("ClipByValue", [x, tf.number(attrs.clipValueMin), tf.number(attrs.clipValueMax)]),
  ),
  kernel<"x" | "alpha">("Prelu", ({ inputs: { x, alpha }, tf }) => {
    const scaled = tf.run("Mul", [tf.run("Minimum", [x, tf.constant(0)]), alpha]);
    return tf.run("AddV2", [tf.run("Relu", [x]), scaled]);
  }),
  kernel<"x">("Round", ({ inputs: { x }, tf }) =>
    x.dtype === "float32" ? rounded(tf, x) : tf.run("Identity", [x]),
  ),
  kernel<"condition" | "t" | "e">("Select", ({ inputs: { condition, t, e }, tf }) =>
    tf.run("Select", [condition, t, e]),
  ),
  kernel<"x", { alpha: number }>("Step", ({ inputs: { x }, attrs: { alpha }, tf }) => {
    const open = cast(tf, tf.run("Greater", [x, tf.constant(0)]), "float32");
    if (alpha === 0) return open;
    return tf.run("AddV2", [tf.run("Mul", [open, tf.number(1 - alpha)]), tf.number(alpha)]);
  }),
];
