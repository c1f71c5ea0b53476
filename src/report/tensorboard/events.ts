import type { LevelUse } from "../../runs/record.js";
import type { RunHistory } from "../../runs/summary.js";
import { encodeEvent, type Histogram, type SummaryValue, type TensorBoardEvent } from "./messages.js";
import { tfRecords } from "./records.js";

/** The parts of a run for TensorBoard. */
export type Logged = Pick<RunHistory, "record" | "steps" | "epochs" | "analysis">;

/**
 * The content of an event file: scalars of every recorded step and epoch, and level histograms of weights and
 * activations at the best epoch. Runs do not record clock times, so an event's time is the training time
 * until its step, in seconds, with the assumption that all steps take equally long.
 */
export function eventFile(run: Logged): Uint8Array {
  const events: TensorBoardEvent[] = [...scalars(run), ...histograms(run)];
  const secondsPerStep = run.record.timing.seconds / Math.max(1, run.record.steps);
  const timed = events
    .sort((a, b) => (a.step ?? 0) - (b.step ?? 0))
    .map((event) => ({ ...event, wallTime: (event.step ?? 0) * secondsPerStep }));
  return tfRecords([{ wallTime: 0, fileVersion: "brain.Event:2" }, ...timed].map(encodeEvent));
}

function scalars({ steps, epochs }: Logged): TensorBoardEvent[] {
  const ofSteps = steps.map(({ step, loss, top1, lr }) =>
    eventAt(step, { "train/loss": loss, "train/top1": top1, "train/lr": lr }),
  );
  const ofEpochs = epochs.map(({ step, validation, gradientNorm }) =>
    eventAt(step, {
      "validation/loss": validation.loss,
      "validation/top1": validation.top1,
      "validation/top5": validation.top5,
      ...(gradientNorm !== null && { "train/gradientNorm": gradientNorm }),
    }),
  );
  return [...ofSteps, ...ofEpochs];
}

function eventAt(step: number, values: Readonly<Record<string, number>>): TensorBoardEvent {
  const value = Object.entries(values).map(([tag, simpleValue]): SummaryValue => ({ tag, simpleValue }));
  return { wallTime: 0, step, summary: { value } };
}

function histograms({ record, epochs, analysis }: Logged): TensorBoardEvent[] {
  if (analysis === null) return [];
  const step = epochs.find(({ epoch }) => epoch === record.best.epoch)?.step ?? record.steps;
  const tagged = (kind: string, uses: readonly (LevelUse & { readonly layer: string })[]) =>
    uses.map((use): SummaryValue => ({ tag: `${kind}/${use.layer}`, histo: histogramOf(use) }));
  const value = [...tagged("weights", analysis.weights), ...tagged("activations", analysis.activations)];
  return value.length === 0 ? [] : [{ wallTime: 0, step, summary: { value } }];
}

/**
 * Converts level counts to a histogram with one bucket per level; each inner limit is halfway between levels.
 */
export function histogramOf({ levels, counts }: Pick<LevelUse, "levels" | "counts">): Histogram {
  const byLevel = new Map<number, number>();
  for (const [i, level] of levels.entries()) byLevel.set(level, (byLevel.get(level) ?? 0) + (counts[i] ?? 0));
  const sorted = [...byLevel].sort(([a], [b]) => a - b);
  const values = sorted.map(([level]) => level);
  const taken = sorted.filter(([, count]) => count > 0).map(([level]) => level);
  const total = (power: number) => sorted.reduce((sum, [level, count]) => sum + count * level ** power, 0);
  const half = ((values[1] ?? 1) - (values[0] ?? 0)) / 2;
  return {
    min: taken[0] ?? 0,
    max: taken.at(-1) ?? 0,
    num: total(0),
    sum: total(1),
    sumSquares: total(2),
    bucketLimit: values.map((level, i) => (level + (values[i + 1] ?? level + 2 * half)) / 2),
    bucket: sorted.map(([, count]) => count),
  };
}
