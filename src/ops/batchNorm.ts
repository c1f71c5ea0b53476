import { add, mul, rsqrt, scalar, square, sub, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { sumToChannels } from "../core/sums.js";
import { N2uqError } from "../errors.js";
import type { BatchNormNode } from "../graph/types.js";
import { primitives } from "../overrides.js";
import { at, channelsOf, tensorOf } from "./tensors.js";
import type { AcrossRanks, NodeForward, NodeOp, TensorStore } from "./types.js";

/**
 * BatchNorm over channels (Ioffe & Szegedy 2015): y = γ·(x - μ)/√(σ² + ε) + β with the batch's biased
 * variance in training; running ← (1 - m)·running + m·batch with the unbiased variance, as in PyTorch. With
 * several ranks, statistics and gradient are those of this rank's part of the batch, or of the global batch
 * if `across` is given. @throws N2uqError N2UQ_TRAIN_ONE_VALUE with a single value per channel
 */
export const batchNorm: NodeOp<"batch-norm"> = {
  forward(node, inputs, store, mode, across) {
    const x = at(inputs);
    if (mode === "inference") return inferenceForward(node, x, store);
    return trainingForward(node, x, store, across);
  },
  backward(node, dOutput, store, { saved, across = alone }) {
    const [x, mean, inverseStd] = [at(saved), at(saved, 1), at(saved, 2)];
    const gamma = tensorOf(store, `${node.id}.weight`);
    const count = (x.size / mean.size) * across.world;
    const [dx, dGamma, dBeta] = tidy(() => {
      const dBeta = sumToChannels(dOutput);
      const sumDyX = sumToChannels(mul(dOutput, x));
      const dGamma = mul(sub(sumDyX, mul(mean, dBeta)), inverseStd);
      // dx = k·dy - k/count·(dβ + x̂·dγ): per channel, an affine function of dy plus a multiple of x
      const k = mul(gamma, inverseStd);
      const slope = mul(mul(k, mul(inverseStd, across.allReduceSum(dGamma))), scalar(-1 / count));
      const offset = sub(mul(mul(k, across.allReduceSum(dBeta)), scalar(-1 / count)), mul(slope, mean));
      return [add(affine(dOutput, k, offset), mul(x, slope)), dGamma, dBeta] as const;
    });
    return { inputs: [dx], gradients: { [`${node.id}.weight`]: dGamma, [`${node.id}.bias`]: dBeta } };
  },
};

const alone: AcrossRanks = { world: 1, allReduceSum: (tensor) => tensor };

function trainingForward(
  node: BatchNormNode,
  x: Tensor,
  store: TensorStore,
  across?: AcrossRanks,
): NodeForward {
  checkValues(node, x, across?.world);
  const { world, allReduceSum: sum } = across ?? alone;
  const { epsilon, momentum } = node.attrs;
  const running = (leaf: string) => tensorOf(store, `${node.id}.${leaf}`);
  const blend = (old: Tensor, now: Tensor) => add(mul(old, scalar(1 - momentum)), mul(now, scalar(momentum)));
  const [output, mean, inverseStd, runningMean, runningVariance, tracked] = tidy(() => {
    const count = (x.size / channelsOf(x)) * world;
    const mean = mul(sum(sumToChannels(x)), scalar(1 / count));
    const squares = sum(sumToChannels(square(sub(x, mean))));
    const variance = mul(squares, scalar(1 / count));
    const unbiased = mul(squares, scalar(1 / (count - 1)));
    return [
      primitives().normalize(x, mean, variance, running("weight"), running("bias"), epsilon),
      mean,
      rsqrt(add(variance, scalar(epsilon))),
      blend(running("running_mean"), mean),
      blend(running("running_var"), unbiased),
      add(running("num_batches_tracked"), scalar(1, "int32")),
    ] as const;
  });
  const buffers = {
    [`${node.id}.running_mean`]: runningMean,
    [`${node.id}.running_var`]: runningVariance,
    [`${node.id}.num_batches_tracked`]: tracked,
  };
  return { output, saved: [x.clone(), mean, inverseStd], buffers };
}

/** Batch statistics need at least two values per channel. @throws N2uqError N2UQ_TRAIN_ONE_VALUE */
export function checkValues(node: BatchNormNode, x: Tensor, world = 1): void {
  const values = (x.size / channelsOf(x)) * world;
  if (values >= 2) return;
  const details = { layer: node.id, shape: `[${x.shape.join(", ")}]`, path: ["training", "batchSize"] };
  throw new N2uqError("N2UQ_TRAIN_ONE_VALUE", details);
}

function inferenceForward(node: BatchNormNode, x: Tensor, store: TensorStore): NodeForward {
  const [mean, variance, gamma, beta] = ["running_mean", "running_var", "weight", "bias"].map((leaf) =>
    tensorOf(store, `${node.id}.${leaf}`),
  ) as [Tensor, Tensor, Tensor, Tensor];
  return { output: primitives().normalize(x, mean, variance, gamma, beta, node.attrs.epsilon), saved: [] };
}

/** scale·x + offset per channel in one pass. */
function affine(x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  const zero = mul(scale, scalar(0));
  return primitives().normalize(x, zero, add(zero, scalar(1)), scale, offset, 0);
}
