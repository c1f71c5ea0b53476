import { add, dispose, scalar, type Tensor, tidy } from "@tensorflow/tfjs-core";
import type { BatchNormNode } from "../../graph/types.js";
import { checkValues, batchNorm as plain } from "../../ops/batchNorm.js";
import { at, tensorOf } from "../../ops/tensors.js";
import type { NodeForward, NodeOp, TensorStore } from "../../ops/types.js";
import { several } from "./kernel.js";

/**
 * BatchNorm in training with three kernels; across ranks and in inference, the plain implementation is used.
 */
export const batchNorm: NodeOp<"batch-norm"> = {
  forward(node, inputs, store, mode, across) {
    if (mode === "inference" || across !== undefined) return plain.forward(node, inputs, store, mode, across);
    return training(node, at(inputs), store);
  },
  backward(node, dy, store, request) {
    if (request.across !== undefined) return plain.backward(node, dy, store, request);
    const [x, saved1, saved2, saved3] = request.saved as readonly [Tensor, Tensor, Tensor, Tensor];
    const gamma = tensorOf(store, `${node.id}.weight`);
    const { epsilon } = node.attrs;
    const results = several("BatchNormGradient", { dy, x, gamma, saved1, saved2, saved3 }, { epsilon });
    const [dx, dGamma, dBeta] = results as [Tensor, Tensor, Tensor];
    return { inputs: [dx], gradients: { [`${node.id}.weight`]: dGamma, [`${node.id}.bias`]: dBeta } };
  },
};

function training(node: BatchNormNode, x: Tensor, store: TensorStore): NodeForward {
  checkValues(node, x);
  const { epsilon, momentum } = node.attrs;
  const of = (leaf: string) => tensorOf(store, `${node.id}.${leaf}`);
  const results = several("BatchNormTraining", { x, gamma: of("weight"), beta: of("bias") }, { epsilon });
  const [output, mean, variance, ...saved] = results as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const statistics = {
    ...{ mean, variance },
    ...{ runningMean: of("running_mean"), runningVariance: of("running_var") },
  };
  const [runningMean, runningVariance] = several("RunningStatistics", statistics, { momentum }) as [
    Tensor,
    Tensor,
  ];
  const buffers = {
    [`${node.id}.running_mean`]: runningMean,
    [`${node.id}.running_var`]: runningVariance,
    [`${node.id}.num_batches_tracked`]: tidy(() => add(of("num_batches_tracked"), scalar(1, "int32"))),
  };
  dispose([mean, variance]);
  return { output, saved: [x.clone(), ...saved], buffers };
}
