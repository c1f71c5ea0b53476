import type { BatchRequest, LoadedDataset } from "../src/data/types.js";
import { N2uqError } from "../src/errors.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";

/** How the training split is walked, but for the epoch: shuffled, augmented, in whole batches. */
export function trainRequest(resolved: ResolvedExperiment, data: LoadedDataset): BatchRequest {
  const { training, augmentation } = resolved;
  if (data.train.length < 2) throw new N2uqError("N2UQ_DATA_TOO_SMALL", { count: data.train.length });
  const augmented =
    augmentation.kind === "pad-crop-flip"
      ? { augmentation: { padding: augmentation.padding, horizontalFlip: augmentation.horizontalFlip } }
      : {};
  return {
    split: "train",
    batchSize: Math.min(training.batchSize, data.train.length),
    seed: training.seed,
    epoch: 0,
    shuffle: true,
    dropLast: true,
    ...shapes(resolved),
    ...augmented,
  };
}

/** How the validation split is walked: in order, all of it, as it is. */
export function validationRequest(resolved: ResolvedExperiment): BatchRequest {
  const { batchSize, seed } = resolved.training;
  return { split: "test", batchSize, seed, epoch: 0, shuffle: false, ...shapes(resolved) };
}

function shapes({ architecture }: ResolvedExperiment) {
  return { imageSize: architecture.inputSize, inputChannels: architecture.inputChannels };
}
