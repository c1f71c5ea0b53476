import { N2uqError } from "../errors.js";
import { workerFile } from "../files/workerFile.js";
import { assembleBatch, epochOrder } from "./assemble.js";
import { isCut } from "./augmentations/augmentations.js";
import { fileBatches } from "./images/walk.js";
import { PrefetchWorker } from "./prefetchWorker.js";
import type { Assembly, Batch, BatchRequest, DatasetInfo, LoadedDataset, MemorySplit } from "./types.js";

const FILE = workerFile("./assembleWorker", import.meta.url);
const MOST_AHEAD = 4;
/**
 * Fewest batches for which a thread is started: that takes tens of milliseconds, and shorter epochs would
 * finish first.
 */
const FEWEST_FOR_A_THREAD = 16;

/** The number of batches in a full epoch; ignores `firstBatch`. */
export function batchCount(
  dataset: LoadedDataset,
  { split, batchSize, dropLast = false }: BatchRequest,
): number {
  const { length } = dataset[split];
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * Yields the batches of one epoch, starting at `firstBatch`. If that saves time, a thread prefetches up to
 * four batches; it stops when the iterator finishes or is abandoned. Prefetching does not change the batches.
 * Images in files are always prefetched. @throws N2uqError N2UQ_DATA_CHANNELS, N2UQ_DATA_UNREADABLE
 */
export async function* batches(dataset: LoadedDataset, request: BatchRequest): AsyncGenerator<Batch, void> {
  const { info } = dataset;
  const split = dataset[request.split];
  const wanted = request.inputChannels ?? info.channels;
  if (wanted !== info.channels && info.channels !== 1)
    throw new N2uqError("N2UQ_DATA_CHANNELS", { name: info.name, channels: info.channels, wanted });
  const first = request.firstBatch ?? 0;
  const count = batchCount(dataset, request);
  // Functions cannot be sent to a thread.
  const { onUnreadable, ...given } = request;
  const { order, plain } = shardForRank(epochOrder(split.length, request), given);
  if (split.kind === "files") {
    yield* fileBatches({ info, split, request: plain, order }, first, count, onUnreadable);
    return;
  }
  const assembly = { info, split, request: plain, order };
  const long = count - first >= FEWEST_FOR_A_THREAD;
  // A thread must access the images without a copy.
  const seen = split.images.buffer instanceof SharedArrayBuffer;
  if (FILE !== null && long && isCostly(request, info) && seen)
    yield* assembledAhead(FILE, assembly, first, count);
  else for (let index = first; index < count; index++) yield assembleBatch(assembly, index);
}

/** Keeps only this rank's part of every batch: the result is an epoch of smaller batches. */
function shardForRank<Request extends BatchRequest>(order: Uint32Array, request: Request) {
  const { part, batchSize } = request;
  if (part === undefined) return { order, plain: request };
  const size = batchSize / part.of;
  const own = new Uint32Array(Math.floor(order.length / batchSize) * size);
  for (let at = 0; at < own.length; at += size) {
    const from = (at / size) * batchSize + part.index * size;
    own.set(order.subarray(from, from + size), at);
  }
  return { order: own, plain: { ...request, batchSize: size } };
}

/**
 * Whether assembling a batch takes longer than receiving it from a thread (1 ms). Normalization without other
 * changes takes less (0.6 ms for 128 MNIST digits). Augmenting CIFAR-10 takes 2 ms, resizing it to 64 pixels
 * 20 ms.
 */
function isCostly(request: BatchRequest, { imageSize: own }: DatasetInfo): boolean {
  const [height, width] = request.imageSize ?? own;
  return request.augmentation !== undefined || isCut(request) || height !== own[0] || width !== own[1];
}

/** This thread assembles the first batch while the worker starts. */
async function* assembledAhead(
  file: URL,
  assembly: Assembly<MemorySplit>,
  first: number,
  count: number,
): AsyncGenerator<Batch, void> {
  const make = ({ index }: { readonly index: number }) => assembleBatch(assembly, index);
  const thread = new PrefetchWorker(file, assembly, make);
  try {
    for (let index = first + 1; index <= Math.min(first + MOST_AHEAD, count - 1); index++)
      thread.order({ index });
    yield assembleBatch(assembly, first);
    for (let index = first + 1; index < count; index++) {
      const batch = await thread.receive(index);
      if (index + MOST_AHEAD < count) thread.order({ index: index + MOST_AHEAD });
      yield batch;
    }
  } finally {
    await thread.close();
  }
}
