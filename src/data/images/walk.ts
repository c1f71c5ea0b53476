import { N2uqError } from "../../errors.js";
import { mayScale } from "../augmentations/augmentations.js";
import type { Batch, BatchRequest, FileSplit, Split } from "../types.js";
import { BatchReaders, type ReadBatch } from "./batchReaders.js";
import { pathOf } from "./files.js";
import type { ImageAssembly } from "./reader.js";
import { turboJpeg } from "./turboJpeg.js";

/** Limits of prefetched batches, in number and in bytes. */
const MOST_AHEAD = 4;
const MOST_BYTES = 640e6;
/**
 * Fewest images for which threads are started: that takes a tenth of a second, in which fewer images are read
 * without threads.
 */
const FEWEST_FOR_A_THREAD = 64;
/** Number of unreadable images listed in an error. */
const SHOWN = 5;

/** The path of image `number` of a split; images in memory are numbered: `test/123`. */
export function imagePath(split: Split, role: string, number: number): string {
  return split.kind === "memory" ? `${role}/${number}` : pathOf(split.source, split.entries[number] ?? 0);
}

/**
 * Yields the batches of one epoch from `first` up to `end`. Worker threads prefetch a few batches, so memory
 * is bounded; they stop when the iterator finishes or is abandoned. Batches without any readable image are
 * skipped. @throws N2uqError N2UQ_DATA_UNREADABLE; N2UQ_DATA_NO_TURBOJPEG if the augmentation requires scaled
 * decoding and TurboJPEG is missing
 */
export async function* fileBatches(
  assembly: ImageAssembly,
  first: number,
  end: number,
  onUnreadable: BatchRequest["onUnreadable"],
): AsyncGenerator<Batch, void> {
  await checkDecoder(assembly.request);
  const many = (end - first) * assembly.request.batchSize >= FEWEST_FOR_A_THREAD;
  const readers = new BatchReaders(assembly, many ? assembly.split.threads : 0);
  const most = maxPrefetched(assembly);
  let ordered = first;
  const order = (count: number, end: number) => {
    for (const last = Math.min(end, ordered + count); ordered < last; ordered++) readers.request(ordered);
  };
  try {
    order(1, end);
    for (let index = first; index < end; index++) {
      const { failures, ...batch } = await readers.receive(index);
      // Prefetching starts gradually, because some callers use only one batch.
      order(2, Math.min(end, index + most));
      report(assembly.split, failures, onUnreadable);
      if (batch.count > 0) yield batch;
      readers.reuse(batch);
    }
  } finally {
    await readers.close();
  }
}

async function checkDecoder(request: ImageAssembly["request"]): Promise<void> {
  if (!mayScale(request)) return;
  const turbo = await turboJpeg();
  if ("reason" in turbo) throw new N2uqError("N2UQ_DATA_NO_TURBOJPEG", { reason: turbo.reason });
}

function maxPrefetched({ request, info }: ImageAssembly): number {
  const [height, width] = request.imageSize ?? info.imageSize;
  const bytes = request.batchSize * height * width * info.channels * (request.asPixels === true ? 1 : 4);
  return Math.max(2, Math.min(MOST_AHEAD, Math.floor(MOST_BYTES / bytes)));
}

function report(split: FileSplit, failures: ReadBatch["failures"], tell: BatchRequest["onUnreadable"]): void {
  const { most, found } = split.unreadable;
  const path = (number: number) => pathOf(split.source, split.entries[number] ?? 0);
  for (const [number, reason] of failures.toSorted(([a], [b]) => a - b)) {
    if (found.has(number)) continue;
    found.set(number, reason);
    tell?.({ path: path(number), reason });
  }
  if (found.size <= most) return;
  // Sorted by position in the split, because images of a batch are not decoded in a fixed order.
  const inOrder = [...found].sort(([a], [b]) => a - b);
  const shown = inOrder.slice(0, SHOWN).map(([number, reason]) => `${path(number)} (${reason})`);
  throw new N2uqError("N2UQ_DATA_UNREADABLE", {
    count: found.size,
    length: split.length,
    role: split.role === "train" ? "training" : "validation",
    most,
    shown: `${shown.join(", ")}${found.size > SHOWN ? ", …" : ""}`,
  });
}
