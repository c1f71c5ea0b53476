import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Overrides } from "../../overrides.js";
import type { DistributionLoss } from "../../train/losses/types.js";
import { prelu, relu } from "../overrides/activations.js";
import { adamOfAll } from "../overrides/adam.js";
import { batchNorm } from "../overrides/batchNorm.js";
import { one, several } from "../overrides/kernel.js";
import { primitivesOf } from "../overrides/primitives.js";
import { uniformActivations, uniformOverrides } from "../overrides/uniformQuantizers.js";
import { torchChains } from "./chain.js";
import { levelActivations, levelOverrides } from "./quantizers/levels.js";
import { n2uqActivation, n2uqWeight } from "./quantizers/n2uq.js";

/**
 * Overrides that libtorch's kernels compute in fewer passes. The kernels for non-uniform levels are loops for
 * the CPU; on a GPU these quantizers are plain.
 */
export function torchOverrides(backend: string, onGpu: boolean): Overrides {
  const activations = { ...uniformActivations, ...(onGpu ? {} : levelActivations) };
  return {
    primitives: primitivesOf(backend),
    quantizers: {
      n2uq: { activation: n2uqActivation, weight: n2uqWeight },
      ...uniformOverrides,
      ...(onGpu ? {} : levelOverrides),
    },
    ops: { relu, prelu, "batch-norm": batchNorm },
    optimizers: { adam: adamOfAll },
    loss: crossEntropy,
    normalizePixels: (x, values) => one("NormalizePixels", { x, values }),
    fusions: [torchChains(activations)],
  };
}

/** Computes loss and gradient in one kernel. */
const crossEntropy: DistributionLoss = (z, p) => {
  const [loss, dLogits] = several("SoftmaxCrossEntropy", { z, p }) as [Tensor, Tensor];
  return { loss: loss as Scalar, dLogits: dLogits as Tensor2D };
};
