import type { ResolvedSchedule } from "../resolve/types.js";

/** Where training stands when a step begins; epochs and steps count from 0. */
export interface SchedulePoint {
  readonly epoch: number;
  readonly step: number;
  readonly epochs: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

type Schedule<Kind> = (schedule: Extract<ResolvedSchedule, { kind: Kind }>, at: SchedulePoint) => number;

/** The factor on the learning rate, without warm-up. */
export const schedules = {
  constant: () => 1,
  /** `per: epoch` is the released N2UQ code: epoch e of E trains at 1 - (e + 1)/E, so the last one at 0. */
  linear: ({ per }, at) => (per === "epoch" ? 1 - (at.epoch + 1) / at.epochs : 1 - at.step / at.totalSteps),
  /** Half a cosine from 1 to 0 (Loshchilov & Hutter 2017, without restarts). */
  cosine: ({ per }, at) => {
    const done = per === "epoch" ? at.epoch / at.epochs : at.step / at.totalSteps;
    return (1 + Math.cos(Math.PI * done)) / 2;
  },
  step: ({ milestones, gamma }, at) =>
    gamma ** milestones.filter((milestone) => at.epoch >= milestone).length,
} satisfies { [Kind in ResolvedSchedule["kind"]]: Schedule<Kind> };

/** The factor on every learning rate at a step: the schedule, times a linear warm-up over the first epochs. */
export function learningRateFactor(schedule: ResolvedSchedule, at: SchedulePoint): number {
  const factor = Math.max(
    0,
    (schedules[schedule.kind] as Schedule<typeof schedule.kind>)(schedule as never, at),
  );
  const warmupSteps = Math.round(schedule.warmupEpochs * at.stepsPerEpoch);
  return at.step < warmupSteps ? (factor * (at.step + 1)) / warmupSteps : factor;
}
