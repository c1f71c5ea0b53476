import { add, mul, scalar } from "@tensorflow/tfjs-core";
import { crossEntropy } from "./crossEntropy.js";
import { distillation } from "./distillation.js";
import { defineLoss } from "./types.js";

/** w·distillation + (1 - w)·cross-entropy. */
export const mixed = defineLoss<"mixed">({
  name: "mixed",
  reference: "Hinton et al. 2015, arXiv 1503.02531, section 2",
  compute(logits, targets, options) {
    const soft = distillation.compute(logits, targets, options);
    const hard = crossEntropy.compute(logits, targets, options);
    const [w, rest] = [scalar(options.distillationWeight), scalar(1 - options.distillationWeight)];
    return {
      loss: add(mul(soft.loss, w), mul(hard.loss, rest)),
      dLogits: add(mul(soft.dLogits, w), mul(hard.dLogits, rest)),
    };
  },
});
