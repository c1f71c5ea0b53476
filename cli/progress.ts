import { formatDuration, formatPercent } from "../src/report/units.js";
import type { EpochEvent, StepEvent, TrainEvent } from "../src/runs/events.js";

const BAR_WIDTH = 20;

/** The progress line of a run; null for events without one. */
export function progressText(event: TrainEvent): string | null {
  if (event.type === "step") return stepText(event);
  if (event.type === "evaluating")
    return `${bar(event.done, event.total)} validating ${event.done}/${event.total}`;
  return null;
}

/** The result of an epoch in one line. */
export function epochText({ epoch, epochs, train, validation, best }: EpochEvent): string {
  const parts = [
    `epoch ${epoch}/${epochs}`,
    `loss ${train.loss.toFixed(4)}`,
    `validation top-1 ${formatPercent(validation.top1)}`,
    `loss ${validation.loss.toFixed(4)}`,
  ];
  return `${parts.join(" · ")}${best ? " (best)" : ""}`;
}

function stepText(event: StepEvent): string {
  const { step, totalSteps, epoch, epochs, loss, top1, imagesPerSecond, secondsLeft } = event;
  const parts = [
    `epoch ${epoch}/${epochs}`,
    `step ${step}/${totalSteps}`,
    `loss ${loss.toFixed(4)}`,
    `top-1 ${top1.toFixed(1)} %`,
    `${imagesPerSecond.toFixed(0)} images/s`,
    `${formatDuration(secondsLeft)} left`,
  ];
  return `${bar(step, totalSteps)} ${parts.join(" · ")}`;
}

/** `done` of `total` as a bar of twenty characters. */
export function bar(done: number, total: number): string {
  const full = Math.round((BAR_WIDTH * done) / Math.max(1, total));
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}
