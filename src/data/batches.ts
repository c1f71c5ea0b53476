import { N2uqError } from "../errors.js";
import { workerFile } from "../files/workerFile.js";
import { AheadThread } from "./aheadThread.js";
import { type Assembly, assembleBatch, epochOrder, isCut } from "./assemble.js";
import { fileBatches } from "./images/walk.js";
import type { Batch, BatchRequest, DatasetInfo, LoadedDataset } from "./types.js";

const FILE = workerFile("./assembleWorker", import.meta.url);
/** How many batches are ready or in the making at most. */
const MOST_AHEAD = 4;
/** A thread takes tens of milliseconds to start; a shorter walk is over by then. */
const FEWEST_FOR_A_THREAD = 16;

/** How many batches an epoch has, counting from its first one whatever `firstBatch` says. */
export function batchCount(
  dataset: LoadedDataset,
  { split, batchSize, dropLast = false }: BatchRequest,
): number {
  const { length } = dataset[split];
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * The batches of one epoch, from `firstBatch` on. Where it pays, a thread assembles up to four ahead; it ends with the walk,
 * or when the walk is left. The batches are the same either way. Images in files are always read ahead.
 * @throws N2uqError N2UQ_DATA_CHANNELS, N2UQ_DATA_UNREADABLE
 */
export async function* batches(dataset: LoadedDataset, request: BatchRequest): AsyncGenerator<Batch, void> {
  const { info } = dataset;
  const split = dataset[request.split];
  const wanted = request.inputChannels ?? info.channels;
  if (wanted !== info.channels && info.channels !== 1) {
    throw new N2uqError("N2UQ_DATA_CHANNELS", { name: info.name, channels: info.channels, wanted });
  }
  const first = request.firstBatch ?? 0;
  const count = batchCount(dataset, request);
  // Functions can't be sent to a thread.
  const { onUnreadable, ...given } = request;
  const { order, plain } = parted(epochOrder(split.length, request), given);
  if (split.kind === "files") {
    yield* fileBatches({ info, split, request: plain, order }, first, count, onUnreadable);
    return;
  }
  const assembly = { info, split, request: plain, order };
  const long = count - first >= FEWEST_FOR_A_THREAD;
  // A thread must see the images without a copy.
  const seen = split.images.buffer instanceof SharedArrayBuffer;
  if (FILE !== null && long && isCostly(request, info) && seen)
    yield* assembledAhead(FILE, assembly, first, count);
  else for (let index = first; index < count; index++) yield assembleBatch(assembly, index);
}

/** The own parts of all whole batches, one after the other, as an epoch of smaller batches. */
function parted<Request extends BatchRequest>(order: Uint32Array, request: Request) {
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
 * Standardising alone (0.6 ms for 128 MNIST digits) is done sooner than a batch is handed over by a thread (1 ms).
 * Augmenting CIFAR-10 takes 2 ms, resizing it to 64 pixels 20 ms.
 */
function isCostly(request: BatchRequest, { imageSize: own }: DatasetInfo): boolean {
  const [height, width] = request.imageSize ?? own;
  return request.augmentation !== undefined || isCut(request) || height !== own[0] || width !== own[1];
}

/** The first batch is assembled here, while the thread starts. */
async function* assembledAhead(
  file: URL,
  assembly: Assembly,
  first: number,
  count: number,
): AsyncGenerator<Batch, void> {
  const make = ({ index }: { readonly index: number }) => assembleBatch(assembly, index);
  const thread = new AheadThread(file, assembly, make);
  try {
    for (let index = first + 1; index <= Math.min(first + MOST_AHEAD, count - 1); index++) {
      thread.order({ index });
    }
    yield assembleBatch(assembly, first);
    for (let index = first + 1; index < count; index++) {
      const batch = await thread.take(index);
      if (index + MOST_AHEAD < count) thread.order({ index: index + MOST_AHEAD });
      yield batch;
    }
  } finally {
    await thread.close();
  }
}
