import type { DataOf, FileSplit, ImageSource, Split, SplitName } from "../types.js";
import { usualThreads } from "./limits.js";

/** Default limit of unreadable images in a split: this number or this fraction, whichever is larger. */
const LEAST_UNREADABLE = 10;
const UNREADABLE_SHARE = 0.01;

type Reading = Pick<DataOf<"shards">, "maxUnreadable" | "decodeThreads" | "maxPixels">;

/** All images of a source as a split. */
export function fileSplit(
  role: SplitName,
  source: ImageSource,
  labels: Uint16Array,
  { maxUnreadable, decodeThreads, maxPixels }: Reading,
): FileSplit {
  const { length } = labels;
  const most = maxUnreadable ?? Math.max(LEAST_UNREADABLE, Math.floor(length * UNREADABLE_SHARE));
  return {
    kind: "files",
    role,
    length,
    labels: sharedCopy(labels, Uint16Array),
    entries: Uint32Array.from({ length }, (_, i) => i),
    source,
    threads: decodeThreads ?? usualThreads(),
    maxPixels,
    unreadable: { most, found: new Map() },
  };
}

/**
 * Skips the first `from` images of a split and takes the next `count`. Images in memory keep their order;
 * those of folders and shards, which store each class together, are interleaved: the first of each class,
 * then the second of each, and so on.
 */
export function partOf(split: Split, from: number, count: number): Split {
  if (from === 0 && count >= split.length) return split;
  if (split.kind === "memory") {
    const { images, labels, length } = split;
    const pixels = images.length / length;
    return {
      ...split,
      length: Math.min(count, length - from),
      images: images.subarray(from * pixels, (from + count) * pixels),
      labels: labels.subarray(from, from + count),
    };
  }
  const chosen = byTurns(split.labels)
    .subarray(from, from + count)
    .sort();
  const pick = (values: Uint16Array | Uint32Array) => chosen.map((number) => values[number] ?? 0);
  return {
    ...split,
    length: chosen.length,
    labels: sharedCopy(pick(split.labels), Uint16Array),
    entries: pick(split.entries),
    unreadable: { most: split.unreadable.most, found: new Map() },
  };
}

/**
 * Image indices in interleaved order: the first image of each class, by label, then the second of each class,
 * and so on.
 */
function byTurns(labels: Uint16Array): Uint32Array {
  const seen = new Map<number, number>();
  const turns = Float64Array.from(labels, (label) => {
    const turn = seen.get(label) ?? 0;
    seen.set(label, turn + 1);
    // The sort key: first the round, then the label.
    return turn * 65536 + label;
  });
  return Uint32Array.from(labels.keys()).sort((a, b) => (turns[a] ?? 0) - (turns[b] ?? 0) || a - b);
}

function sharedCopy(values: ArrayLike<number>, Kind: typeof Uint16Array): Uint16Array {
  const copy = new Kind(new SharedArrayBuffer(values.length * Kind.BYTES_PER_ELEMENT));
  copy.set(values);
  return copy;
}
