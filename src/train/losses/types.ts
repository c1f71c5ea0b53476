import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { ResolvedLoss } from "../../resolve/types.js";

/** Training targets of a batch: labels `[batch]` int32, and the teacher's logits `[batch, classes]`. */
export interface Targets {
  readonly labels: Tensor1D;
  readonly teacherLogits?: Tensor2D;
}

/** A loss (mean over the batch) and its gradient with respect to the logits, both owned by the caller. */
export interface Loss {
  readonly loss: Scalar;
  readonly dLogits: Tensor2D;
}

/** The cross-entropy of logits `z [batch, classes]` against distributions `p [batch, classes]`. */
export type DistributionLoss = (z: Tensor2D, p: Tensor2D) => Loss;

/** A loss with its metadata; its options are in `schemas/losses/<name>.json`. */
export interface LossPart<Kind extends ResolvedLoss["kind"]>
  extends PluginLoss<Omit<Extract<ResolvedLoss, { kind: Kind }>, "kind">> {
  readonly name: Kind;
}

/** A loss of a plug-in; `Options` is the type of its options. */
export interface PluginLoss<Options = never> {
  readonly name: string;
  readonly reference: string;
  /** Runs inside `tf.tidy`. */
  compute(logits: Tensor2D, targets: Targets, options: Options): Loss;
}

/** Defines a loss, with the types of its options. */
export function defineLoss<Kind extends ResolvedLoss["kind"]>(loss: LossPart<Kind>): LossPart<Kind> {
  return loss;
}
