import type { Length } from "../resolve/time.js";
import type { Metrics } from "../runs/record.js";
import type { Clamped } from "./quantizerWatch.js";

/**
 * Sums over the images of the current epoch, so that a resumed epoch reports the same metrics as an
 * uninterrupted one.
 */
export interface EpochSums {
  readonly images: number;
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
}

/**
 * Training progress, stored in the checkpoint's metadata so that one rename replaces all of it atomically.
 */
export interface Progress {
  /** Completed optimizer steps. */
  readonly step: number;
  /** Completed epochs; `batch` counts completed batches of the next one. */
  readonly epoch: number;
  readonly batch: number;
  readonly sums: EpochSums;
  /** Gradient norm at the epoch's last step, once that is done. */
  readonly gradientNorm: number | null;
  readonly best: ({ readonly epoch: number } & Metrics) | null;
  readonly last: Metrics | null;
  /** Training time so far, in seconds. */
  readonly seconds: number;
  /** Quantizer parameters that were clamped to their bounds; absent in checkpoints of older versions. */
  readonly clamped?: Clamped;
}

/** The length of a run. */
export type RunLength = Omit<Length, "epochs">;

/** What is wrong with a checkpoint. */
export class CheckpointFault extends Error {}

/** Converts progress to JSON. NaN and infinities, which occur with `stopOnNaN: false`, become strings. */
export function progressText(progress: Progress): string {
  return JSON.stringify(progress, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/**
 * Parses the output of `progressText`. @throws CheckpointFault if it is not JSON, a field is missing or
 * invalid, or it does not fit a run of this length
 */
export function parseProgress(text: string, length: RunLength): Progress {
  const written = map(parse(text), "progress");
  const nullable = <Value>(name: string, read: (value: unknown, name: string) => Value) =>
    written[name] === null ? null : read(written[name], name);
  const progress: Progress = {
    step: count(written.step, "step"),
    epoch: count(written.epoch, "epoch"),
    batch: count(written.batch, "batch"),
    sums: sums(written.sums),
    gradientNorm: nullable("gradientNorm", real),
    best: nullable("best", (value, name) => ({
      epoch: count(map(value, name).epoch, "best.epoch"),
      ...metrics(value, name),
    })),
    last: nullable("last", metrics),
    seconds: within(written.seconds, "seconds", Number.MAX_VALUE),
    ...(written.clamped !== undefined && { clamped: clamped(written.clamped) }),
  };
  checkPlace(progress, length);
  return progress;
}

/** Steps, epochs and validations must be consistent with each other. */
function checkPlace({ step, epoch, batch, best, last }: Progress, length: RunLength): void {
  const { stepsPerEpoch, totalSteps } = length;
  const isEnd = step === totalSteps && batch === 0 && epoch === Math.ceil(totalSteps / stepsPerEpoch);
  const isWithin = step > 0 && step <= totalSteps && batch <= stepsPerEpoch;
  if (!isEnd && !(isWithin && step === epoch * stepsPerEpoch + batch)) {
    throw new CheckpointFault(
      `step ${step}, epoch ${epoch}, batch ${batch} is not a valid position in a run of ${totalSteps} steps, ${stepsPerEpoch} per epoch`,
    );
  }
  if (epoch > 0 !== (last !== null) || epoch > 0 !== (best !== null))
    throw new CheckpointFault(`the validations of ${epoch} epochs are missing`);
  if (best !== null && (best.epoch < 1 || best.epoch > epoch))
    throw new CheckpointFault(`the best of ${epoch} epochs is epoch ${best.epoch}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckpointFault("progress is not JSON");
  }
}

function map(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new CheckpointFault(value === undefined ? `${name} is missing` : `${name} is not a map`);
}

function count(value: unknown, name: string): number {
  if (value === undefined) throw new CheckpointFault(`${name} is missing`);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new CheckpointFault(`${name} is not a count`);
}

function real(value: unknown, name: string): number {
  if (value === undefined) throw new CheckpointFault(`${name} is missing`);
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  throw new CheckpointFault(`${name} is not a number`);
}

function within(value: unknown, name: string, most: number): number {
  const number = real(value, name);
  if (number >= 0 && number <= most) return number;
  throw new CheckpointFault(`${name} is ${number}`);
}

function metrics(value: unknown, name: string): Metrics {
  const { loss, top1, top5 } = map(value, name);
  return {
    loss: real(loss, `${name}.loss`),
    top1: within(top1, `${name}.top1`, 100),
    top5: within(top5, `${name}.top5`, 100),
  };
}

function clamped(value: unknown): Clamped {
  const entries = Object.entries(map(value, "clamped")).map(([name, one]) => {
    const { steps, firstStep } = map(one, `clamped.${name}`);
    return [
      name,
      { steps: count(steps, "clamped.steps"), firstStep: count(firstStep, "clamped.firstStep") },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function sums(value: unknown): EpochSums {
  const { images, loss, top1, top5 } = map(value, "sums");
  const counted = count(images, "sums.images");
  return {
    images: counted,
    loss: real(loss, "sums.loss"),
    top1: within(top1, "sums.top1", counted),
    top5: within(top5, "sums.top5", counted),
  };
}
