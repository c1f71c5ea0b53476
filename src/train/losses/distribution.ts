import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { logSoftmax, mul, neg, scalar, softmax, sub, sum } from "@tensorflow/tfjs-core";
import { overrides } from "../../overrides.js";
import type { DistributionLoss, Loss } from "./types.js";

/** L = -1/batch · Σ p·log softmax(z) for distributions p, with gradient (softmax(z) - p)/batch. */
export function againstDistribution(z: Tensor2D, p: Tensor2D): Loss {
  return (overrides().loss ?? plainLoss)(z, p);
}

const plainLoss: DistributionLoss = (z, p) => {
  const perImage = scalar(1 / z.shape[0]);
  return {
    loss: neg(mul(sum(mul(p, logSoftmax(z))), perImage)) as Scalar,
    dLogits: mul(sub(softmax(z), p), perImage) as Tensor2D,
  };
};
