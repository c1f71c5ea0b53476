import { batches } from "../src/data/batches.js";
import type { Batch, BatchRequest, LoadedDataset } from "../src/data/types.js";
import { N2uqError } from "../src/errors.js";
import { overrides } from "../src/overrides.js";
import { hasNoRate } from "../src/resolve/checks.js";
import { shareFault } from "../src/resolve/ranks.js";
import { lengthOf } from "../src/resolve/time.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Emit } from "../src/runs/events.js";

/** The batch request of the training split, without the epoch: shuffled, augmented, full batches only. */
export function trainRequest(resolved: ResolvedExperiment, data: LoadedDataset): BatchRequest {
  const { training, augmentation } = resolved;
  if (data.train.length < 2) throw new N2uqError("N2UQ_DATA_TOO_SMALL", { count: data.train.length });
  const batchSize = Math.min(training.batchSize, data.train.length);
  checkLabels(resolved, data);
  const { totalSteps, stepsPerEpoch } = lengthOf(training, data.train.length);
  if (hasNoRate(training.schedule, Math.ceil(totalSteps / stepsPerEpoch)))
    throw new N2uqError("N2UQ_RESOLVE_ZERO_LR", { path: ["training", "schedule"] });
  const unshared = shareFault(resolved, batchSize);
  if (unshared !== null) throw unshared;
  return {
    split: "train",
    batchSize,
    seed: training.seed,
    epoch: 0,
    shuffle: true,
    dropLast: true,
    ...shapes(resolved),
    ...(augmentation.kind === "none" ? {} : { augmentation }),
  };
}

/** @throws N2uqError N2UQ_RESOLVE_CLASSES if a label has no output */
function checkLabels(
  { architecture: { classes }, data: { dataset } }: ResolvedExperiment,
  data: LoadedDataset,
): void {
  let largest = 0;
  for (const { labels } of [data.train, data.test])
    for (const label of labels) if (label > largest) largest = label;
  if (largest < classes) return;
  throw new N2uqError("N2UQ_RESOLVE_CLASSES", { classes, dataset, found: largest + 1 });
}

/** The batch request of the validation split: in order, complete, without augmentation. */
export function validationRequest(resolved: ResolvedExperiment): BatchRequest {
  const { batchSize, seed } = resolved.training;
  return { split: "test", batchSize, seed, epoch: 0, shuffle: false, ...shapes(resolved) };
}

/** The batches of a request, as pixels if the current engine normalizes on its device. @throws as `batches` */
export function engineBatches(data: LoadedDataset, request: BatchRequest): AsyncGenerator<Batch, void> {
  return batches(data, { ...request, asPixels: overrides().normalizePixels !== undefined });
}

/** Reports unreadable images as warnings of a run. */
export function tellUnreadable(run: string, emit: Emit): Pick<BatchRequest, "onUnreadable"> {
  return {
    onUnreadable: ({ path, reason }) =>
      emit({ type: "warning", run, message: `${path} can't be read: ${reason}` }),
  };
}

function shapes({ architecture, augmentation }: ResolvedExperiment) {
  const shortSide = "validationResize" in augmentation ? augmentation.validationResize : undefined;
  return {
    imageSize: architecture.inputSize,
    inputChannels: architecture.inputChannels,
    ...(shortSide !== undefined && { shortSide }),
  };
}
