import type { ResolvedSchedule } from "../../resolve/types.js";

/** Training progress at the beginning of a step; epochs and steps count from 0. */
export interface SchedulePoint {
  readonly epoch: number;
  readonly step: number;
  readonly epochs: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/** A schedule with its metadata; its options are in `schemas/schedules/<name>.json`. */
export interface SchedulePart<Kind extends ResolvedSchedule["kind"]>
  extends PluginSchedule<Extract<ResolvedSchedule, { kind: Kind }>> {
  readonly name: Kind;
}

/** A schedule of a plug-in; `Options` is the type of its options. */
export interface PluginSchedule<Options = never> {
  readonly name: string;
  readonly reference: string;
  /** The learning rate factor, without warm-up. */
  factor(options: Options, at: SchedulePoint): number;
}

/** Defines a schedule, with the types of its options. */
export function defineSchedule<Kind extends ResolvedSchedule["kind"]>(
  schedule: SchedulePart<Kind>,
): SchedulePart<Kind> {
  return schedule;
}
