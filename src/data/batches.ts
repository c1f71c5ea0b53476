import { assembleBatch, epochOrder } from "./assemble.js";
import type { Batch, BatchRequest, LoadedDataset } from "./types.js";

/** How many batches a request walks through, from its first one on being counted too. */
export function batchCount(
  dataset: LoadedDataset,
  { split, batchSize, dropLast = false }: BatchRequest,
): number {
  const { length } = dataset[split];
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/** The batches of one epoch, from `firstBatch` on. */
export async function* batches(dataset: LoadedDataset, request: BatchRequest): AsyncIterable<Batch> {
  const split = dataset[request.split];
  const assembly = { info: dataset.info, split, request, order: epochOrder(split.length, request) };
  const count = batchCount(dataset, request);
  for (let index = request.firstBatch ?? 0; index < count; index++) yield assembleBatch(assembly, index);
}
