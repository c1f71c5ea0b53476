import { mul, scalar, softmax, type Tensor2D } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { againstDistribution } from "./distribution.js";
import { defineLoss } from "./types.js";

/**
 * Cross-entropy of the student against the teacher's softmax, both at temperature T, times T². The released
 * N2UQ code uses T = 1 and no hard labels.
 */
export const distillation = defineLoss<"distillation">({
  name: "distillation",
  reference: "Hinton et al. 2015, arXiv 1503.02531, section 2",
  compute(logits, { teacherLogits }, { temperature }) {
    if (teacherLogits === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "no teacher logits" });
    const cool = scalar(1 / temperature);
    const p = softmax(mul<Tensor2D>(teacherLogits, cool));
    const { loss, dLogits } = againstDistribution(mul(logits, cool), p);
    return { loss: mul(loss, scalar(temperature ** 2)), dLogits: mul(dLogits, scalar(temperature)) };
  },
});
