import { type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import type { ResolvedLoss } from "../../resolve/types.js";
import type { PartNames } from "../../schema/generated/parts.js";
import { crossEntropy } from "./crossEntropy.js";
import { distillation } from "./distillation.js";
import { mixed } from "./mixed.js";
import type { Loss, LossPart, Targets } from "./types.js";

/** Every loss by its name in the experiment. */
export const losses = { "cross-entropy": crossEntropy, distillation, mixed } satisfies {
  [Kind in PartNames["losses"]]: LossPart<Kind>;
};

/** Computes the experiment's loss for `logits [batch, classes]`. */
export function computeLoss(logits: Tensor2D, targets: Targets, options: ResolvedLoss): Loss {
  const part: Pick<LossPart<never>, "compute"> = losses[options.kind];
  return tidy(() => ({ ...part.compute(logits, targets, options as never) }) as never) as Loss;
}
