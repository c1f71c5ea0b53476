import type { ResolvedSchedule } from "../../resolve/types.js";
import type { PartNames } from "../../schema/generated/parts.js";
import { constant } from "./constant.js";
import { cosine } from "./cosine.js";
import { linear } from "./linear.js";
import { step } from "./step.js";
import type { SchedulePart, SchedulePoint } from "./types.js";

/** Every schedule by its name in the experiment. */
export const schedules = { constant, cosine, linear, step } satisfies {
  [Kind in PartNames["schedules"]]: SchedulePart<Kind>;
};

/** The learning rate factor at a step: the schedule times a linear warm-up over the first epochs. */
export function learningRateFactor(schedule: ResolvedSchedule, at: SchedulePoint): number {
  const part: Pick<SchedulePart<never>, "factor"> = schedules[schedule.kind];
  const factor = Math.max(0, part.factor(schedule as never, at));
  const warmupSteps = Math.round(schedule.warmupEpochs * at.stepsPerEpoch);
  return at.step < warmupSteps ? (factor * (at.step + 1)) / warmupSteps : factor;
}
