import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  logSoftmax,
  mul,
  neg,
  oneHot,
  scalar,
  softmax,
  sub,
  sum,
  tidy,
} from "@tensorflow/tfjs-core";
import { fused } from "../core/fused.js";
import { N2uqError } from "../errors.js";
import type { ResolvedLoss } from "../resolve/types.js";

/** What a batch is trained towards: labels `[batch]` int32, and the teacher's logits `[batch, classes]`. */
export interface Targets {
  readonly labels: Tensor1D;
  readonly teacherLogits?: Tensor2D;
}

/** A loss (mean over the batch) and its gradient with respect to the logits, both the caller's. */
export interface Loss {
  readonly loss: Scalar;
  readonly dLogits: Tensor2D;
}

type LossFunction<Kind> = (
  logits: Tensor2D,
  targets: Targets,
  settings: Extract<ResolvedLoss, { kind: Kind }>,
) => Loss;

/** Cross-entropy against the labels, smoothed: p = (1 - ε)·onehot + ε/classes (Szegedy et al. 2016). */
const crossEntropy: LossFunction<"cross-entropy"> = (logits, { labels }, { labelSmoothing }) => {
  const classes = logits.shape[1];
  // The wasm backend writes integers whatever dtype oneHot is asked for.
  const hard = cast(oneHot(labels, classes), "float32");
  const smoothed = add(mul(hard, scalar(1 - labelSmoothing)), scalar(labelSmoothing / classes));
  return againstDistribution(logits, smoothed as Tensor2D);
};

/**
 * Cross-entropy of the student against the teacher's softmax, both at temperature T, times T² (Hinton et al. 2015); the
 * released N2UQ code has T = 1 and no hard labels.
 */
const distillation: LossFunction<"distillation"> = (logits, { teacherLogits }, { temperature }) => {
  if (teacherLogits === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "no teacher logits" });
  const cool = scalar(1 / temperature);
  const p = softmax(mul<Tensor2D>(teacherLogits, cool));
  const { loss, dLogits } = againstDistribution(mul(logits, cool), p);
  return { loss: mul(loss, scalar(temperature ** 2)), dLogits: mul(dLogits, scalar(temperature)) };
};

/** w·distillation + (1 - w)·cross-entropy. */
const mixed: LossFunction<"mixed"> = (logits, targets, settings) => {
  const { temperature, labelSmoothing, distillationWeight } = settings;
  const soft = distillation(logits, targets, { kind: "distillation", temperature });
  const hard = crossEntropy(logits, targets, { kind: "cross-entropy", labelSmoothing });
  const [w, rest] = [scalar(distillationWeight), scalar(1 - distillationWeight)];
  return {
    loss: add(mul(soft.loss, w), mul(hard.loss, rest)),
    dLogits: add(mul(soft.dLogits, w), mul(hard.dLogits, rest)),
  };
};

/** Every loss by its name in the experiment. */
export const losses = { "cross-entropy": crossEntropy, distillation, mixed } satisfies {
  [Kind in ResolvedLoss["kind"]]: LossFunction<Kind>;
};

/** The experiment's loss of `logits [batch, classes]`. */
export function computeLoss(logits: Tensor2D, targets: Targets, settings: ResolvedLoss): Loss {
  const compute = losses[settings.kind] as LossFunction<typeof settings.kind>;
  return tidy(() => ({ ...compute(logits, targets, settings as never) }) as never) as Loss;
}

/** L = -1/batch · Σ p·log softmax(z) for distributions p, with gradient (softmax(z) - p)/batch. */
function againstDistribution(z: Tensor2D, p: Tensor2D): Loss {
  const ready = fused("SoftmaxCrossEntropy", { z, p });
  if (ready !== null) return { loss: ready[0] as Scalar, dLogits: ready[1] as Tensor2D };
  const perImage = scalar(1 / z.shape[0]);
  return {
    loss: neg(mul(sum(mul(p, logSoftmax(z))), perImage)) as Scalar,
    dLogits: mul(sub(softmax(z), p), perImage) as Tensor2D,
  };
}
