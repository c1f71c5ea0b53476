import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import { kernel } from "../kernel.js";

/** Attributes that the addon takes as tfjs's side has them. */
const asGiven = (attributes: Attributes): Attributes => ({ ...attributes });

/** Inputs of an activation chain: three parameters of RPReLU and four of N2UQ's quantizer, of which either may be absent. */
const CHAIN = ["x", "bias1", "alpha", "bias2", "start", "a", "scale1", "scale2"];

function partsOf(_attrs: object, { bias1, start }: Readonly<Record<string, TensorInfo>>) {
  return { rectifies: bias1 !== undefined, quantizes: start !== undefined };
}

/** Normalisation, and what tfjs makes of several operations; tfjs itself knows only the first. */
export const fused: readonly KernelConfig[] = [
  kernel<{ varianceEpsilon: number }>(
    "FusedBatchNorm",
    ["x", "mean", "variance", "scale", "offset"],
    ({ varianceEpsilon }, { scale, offset }) => ({
      varianceEpsilon,
      scaled: scale !== undefined,
      shifted: offset !== undefined,
    }),
  ),
  kernel("BatchNormTraining", ["x", "gamma", "beta"], asGiven, "list"),
  kernel("BatchNormGradient", ["dy", "x", "gamma", "saved1", "saved2"], asGiven, "list"),
  kernel("ReluGradient", ["dy", "y"]),
  kernel("PreluGradient", ["dy", "x", "alpha"], undefined, "list"),
  kernel("ActivationChain", CHAIN, partsOf),
  kernel("ActivationChainGradient", ["dy", ...CHAIN], partsOf, "list"),
  kernel("UniformQuantize", ["x", "divisor"], asGiven),
  kernel("UniformQuantizeGradient", ["dy", "x", "divisor"], asGiven, "list"),
  kernel("MeanMagnitude", ["w"]),
  kernel("EntropyWeight", ["w"], asGiven, "list"),
  kernel("UniformWeight", ["w", "inverse", "scale"], asGiven),
  kernel("SoftmaxCrossEntropy", ["z", "p"], undefined, "list"),
  // Of each parameter: parameter, gradient, exp_avg and exp_avg_sq.
  kernel("AdamSteps", undefined, asGiven, "list"),
];
