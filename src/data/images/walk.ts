import { N2uqError } from "../../errors.js";
import type { Batch, BatchRequest, FileSplit, Split } from "../types.js";
import type { ReadBatch } from "./batchReaders.js";
import { BatchReaders } from "./batchReaders.js";
import { pathOf } from "./files.js";
import type { ImageAssembly } from "./reader.js";
import { turboJpeg } from "./turboJpeg.js";

/** How many batches are ready or in the making at most, and how many bytes of them. */
const MOST_AHEAD = 4;
const MOST_BYTES = 640e6;
/** Threads take a tenth of a second to start; fewer images are read by then. */
const FEWEST_FOR_A_THREAD = 64;
/** How many unreadable images an error names. */
const SHOWN = 5;

/** Where image `number` of a split lies; images in memory are numbered: `test/123`. */
export function imagePath(split: Split, role: string, number: number): string {
  return split.kind === "memory" ? `${role}/${number}` : pathOf(split.source, split.entries[number] ?? 0);
}

/**
 * The batches of one epoch, from `first` up to `end`, read ahead by threads of their own: a few batches, so that memory stays
 * bounded. They end with the walk, or when the walk is left. Batches of which nothing is left are passed over.
 * @throws N2uqError N2UQ_DATA_UNREADABLE; N2UQ_DATA_NO_TURBOJPEG where images are to be scaled and nothing can
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
  const most = mostAhead(assembly);
  let ordered = first;
  const order = (count: number, end: number) => {
    for (const wanted = Math.min(end, ordered + count); ordered < wanted; ordered++) readers.order(ordered);
  };
  try {
    order(1, end);
    for (let index = first; index < end; index++) {
      const { failures, ...batch } = await readers.take(index);
      // Slowly at first, for who wants no more than one.
      order(2, Math.min(end, index + most));
      report(assembly.split, failures, onUnreadable);
      if (batch.count > 0) yield batch;
      readers.reuse(batch);
    }
  } finally {
    await readers.close();
  }
}

async function checkDecoder({ augmentation }: ImageAssembly["request"]): Promise<void> {
  if (augmentation?.kind !== "random-resized-crop" || augmentation.decode !== "scaled") return;
  const turbo = await turboJpeg();
  if ("reason" in turbo) throw new N2uqError("N2UQ_DATA_NO_TURBOJPEG", { reason: turbo.reason });
}

function mostAhead({ request, info }: ImageAssembly): number {
  const [height, width] = request.imageSize ?? info.imageSize;
  const bytes = request.batchSize * height * width * info.channels * Float32Array.BYTES_PER_ELEMENT;
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
  // In the split's order: which of a batch's images was decoded first is chance.
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
