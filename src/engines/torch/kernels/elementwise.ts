import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.js";
import { BACKEND } from "../backend.js";
import { kernel } from "../kernel.js";

/** tfjs's names of functions of one tensor. */
const unary = [
  ...["Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Elu", "Erf", "Exp"],
  ...["Expm1", "Floor", "IsFinite", "IsInf", "IsNan", "Log", "Log1p", "LogicalNot", "Neg", "OnesLike"],
  ...[
    "Reciprocal",
    "Relu",
    "Relu6",
    "Round",
    "RoundSmall",
    "Rsqrt",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Sinh",
  ],
  ...["Softplus", "Sqrt", "Square", "Tan", "Tanh", "ZerosLike"],
];

/** tfjs's names of functions of two tensors. */
const binary = [
  ...["Add", "Atan2", "BitwiseAnd", "Equal", "FloorDiv", "Greater", "GreaterEqual", "Less", "LessEqual"],
  ...["LogicalAnd", "LogicalOr", "Maximum", "Minimum", "Mod", "Multiply", "NotEqual", "Pow"],
  ...["RealDiv", "SquaredDifference", "Sub"],
];

/** The same data for one more tensor: who writes to an input must ask `refCount` too. */
const identity: KernelConfig = {
  kernelName: "Identity",
  backendName: BACKEND,
  kernelFunc: ({ inputs, backend }) => {
    const { x } = inputs as { x: TensorInfo };
    (backend as TorchBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

export const elementwise: readonly KernelConfig[] = [
  ...unary.map((name) => kernel(name, ["x"])),
  ...binary.map((name) => kernel(name, ["a", "b"])),
  identity,
  kernel("AddN"),
  kernel<{ dtype: string }>("Cast", ["x"], ({ dtype }) => ({ dtype })),
  kernel<{ clipValueMin: number; clipValueMax: number }>(
    "ClipByValue",
    ["x"],
    ({ clipValueMin, clipValueMax }) => ({ clipValueMin, clipValueMax }),
  ),
  kernel("EluGrad", ["dy", "y"]),
  kernel<{ alpha: number }>("LeakyRelu", ["x"], ({ alpha }) => ({ alpha })),
  kernel("Prelu", ["x", "alpha"]),
  kernel("Select", ["condition", "t", "e"]),
  kernel<{ alpha?: number }>("Step", ["x"], ({ alpha = 0 }) => ({ alpha })),
];
