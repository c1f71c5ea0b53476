import type { KernelConfig } from "@tensorflow/tfjs-core";
import { kernel } from "../kernel.js";

/** tfjs's names of functions of one tensor. */
const unary = [
  ...[
    "Abs",
    "Ceil",
    "Erf",
    "Exp",
    "Expm1",
    "Floor",
    "Identity",
    "IsFinite",
    "IsInf",
    "IsNan",
    "Log",
    "Log1p",
  ],
  ...[
    "LogicalNot",
    "Neg",
    "OnesLike",
    "Reciprocal",
    "Relu",
    "Relu6",
    "Round",
    "RoundSmall",
    "Rsqrt",
    "Sigmoid",
  ],
  ...["Sign", "Softplus", "Sqrt", "Square", "Tanh", "ZerosLike"],
];

/** tfjs's names of functions of two tensors. */
const binary = [
  ...["Add", "Equal", "FloorDiv", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr"],
  ...["Maximum", "Minimum", "Mod", "Multiply", "NotEqual", "Pow", "RealDiv", "SquaredDifference", "Sub"],
];

export const elementwise: readonly KernelConfig[] = [
  ...unary.map((name) => kernel(name, ["x"])),
  ...binary.map((name) => kernel(name, ["a", "b"])),
  kernel("AddN"),
  kernel<{ dtype: string }>("Cast", ["x"], ({ dtype }) => ({ dtype })),
  kernel<{ clipValueMin: number; clipValueMax: number }>(
    "ClipByValue",
    ["x"],
    ({ clipValueMin, clipValueMax }) => ({ clipValueMin, clipValueMax }),
  ),
  kernel("Prelu", ["x", "alpha"]),
  kernel("Select", ["condition", "t", "e"]),
  kernel<{ alpha?: number }>("Step", ["x"], ({ alpha = 0 }) => ({ alpha })),
];
