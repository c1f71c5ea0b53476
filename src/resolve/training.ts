import { withDefaults } from "../schema/defaults.js";
import type { CompleteTraining } from "../schema/generated/complete.js";
import type { Loss } from "../schema/generated/experiment.js";
import type { ResolvedTraining } from "./types.js";

/**
 * The default loss is the paper's loss with a teacher, and cross-entropy without one. Expands the globs of
 * each optimizer group to a list.
 */
export function resolveTraining(training: CompleteTraining, hasTeacher: boolean): ResolvedTraining {
  const { optimizer, steps, epochs, loss } = training;
  const kind = loss?.kind ?? (hasTeacher ? "distillation" : "cross-entropy");
  const groups = optimizer.groups.map(({ match, ...group }) => ({
    ...group,
    match: typeof match === "string" ? [match] : [...match],
  }));
  return {
    ...training,
    epochs: steps === null ? epochs : 0,
    optimizer: { ...optimizer, groups },
    loss: withDefaults("loss", { ...loss, kind } as Loss),
  };
}
