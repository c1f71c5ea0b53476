import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { kernel } from "../kernel.js";

interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly step: number;
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly k: number;
  /** 1 where low and high themselves are inside. */
  readonly closed: number;
}

const rangeOf = ({ low, high, k, closed }: Range) => ({ low, high, k, closed: closed === 1 });

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
  kernel<{ epsilon: number }>(
    "BatchNormTraining",
    ["x", "gamma", "beta"],
    ({ epsilon }) => ({ epsilon }),
    "list",
  ),
  kernel<{ epsilon: number }>(
    "BatchNormGradient",
    ["dy", "x", "gamma", "saved1", "saved2"],
    ({ epsilon }) => ({ epsilon }),
    "list",
  ),
  kernel("ReluGradient", ["dy", "y"]),
  kernel("PreluGradient", ["dy", "x", "alpha"], undefined, "list"),
  kernel("ActivationChain", CHAIN, partsOf),
  kernel("ActivationChainGradient", ["dy", ...CHAIN], partsOf, "list"),
  kernel<Range>("UniformQuantize", ["x", "divisor"], rangeOf),
  kernel<Range>("UniformQuantizeGradient", ["dy", "x", "divisor"], rangeOf, "list"),
  kernel("MeanMagnitude", ["w"]),
  kernel<{ steps: number }>("UniformWeight", ["w", "inverse", "scale"], ({ steps }) => ({ steps })),
  kernel<AdamSettings>(
    "AdamStep",
    ["parameter", "gradient", "exp_avg", "exp_avg_sq"],
    ({ beta1, beta2, epsilon, lr, weightDecay, step }) => ({ beta1, beta2, epsilon, lr, weightDecay, step }),
    "list",
  ),
];
