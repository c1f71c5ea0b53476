import type { Images } from "./facts.js";
import type { Idle } from "./idle.js";
import type { ResolvedTraining } from "./types.js";

/** The length of a training, if the number of images is known. */
export interface Length {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Number of epochs, including a partial last one. */
  readonly epochs: number;
}

/** The length of a training. @param images number of training images */
export function lengthOf({ batchSize, steps, epochs }: ResolvedTraining, images: number): Length {
  const stepsPerEpoch = Math.max(1, Math.floor(images / Math.min(images, batchSize)));
  const totalSteps = steps ?? epochs * stepsPerEpoch;
  return { stepsPerEpoch, totalSteps, epochs: Math.ceil(totalSteps / stepsPerEpoch) };
}

/** Limits the batch to the training split, and drops milestones after the end. */
export function inTime(
  training: ResolvedTraining,
  { train }: Images,
): { training: ResolvedTraining; idle: Idle[] } {
  const limitedTraining =
    train === null ? training : { ...training, batchSize: Math.min(training.batchSize, train) };
  const idle: Idle[] = [];
  if (limitedTraining.batchSize < training.batchSize) {
    const why = `beyond ${train}, the number of training images`;
    idle.push({ path: ["training", "batchSize"], why, because: [["data"]] });
  }
  const { schedule } = limitedTraining;
  const epochs = train === null ? limitedTraining.epochs : lengthOf(limitedTraining, train).epochs;
  if (schedule.kind !== "step" || epochs === 0) return { training: limitedTraining, idle };
  const path = ["training", "schedule", "milestones"];
  const late = schedule.milestones.flatMap((milestone, index) =>
    milestone < epochs
      ? []
      : [{ path: [...path, index], why: `since training ends with epoch ${epochs}`, because: LENGTH }],
  );
  const milestones = schedule.milestones.filter((milestone) => milestone < epochs);
  const { warmupEpochs } = schedule;
  // A step schedule without a milestone equals a constant schedule.
  const reached =
    milestones.length === 0 ? { kind: "constant" as const, warmupEpochs } : { ...schedule, milestones };
  return { training: { ...limitedTraining, schedule: reached }, idle: [...idle, ...late] };
}

const LENGTH = [
  ["training", "epochs"],
  ["training", "steps"],
  ["training", "batchSize"],
  ["data", "trainLimit"],
];
