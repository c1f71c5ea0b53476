import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { ResolvedData } from "../schema/generated/resolved.js";
import type { OptionsOf } from "../schema/options.js";
import { datasets, loadDataset } from "./datasets.js";
import { IMAGENET } from "./imageFolder.js";
import { pathOf, textAt } from "./images/files.js";
import type { FileSplit, LoadedDataset, Split } from "./types.js";

/** What tells one set of images from another, wherever it lies. */
export interface DataFingerprint {
  /** sha256, in hex, of what is counted below, of the images' names and sizes, and of the bytes of a sample. */
  readonly digest: string;
  readonly train: SplitSummary;
  readonly test: SplitSummary;
}

/** The images of a split in numbers. */
export interface SplitSummary {
  readonly images: number;
  /** Images by class, in the order of the labels; classes have their names where they have any. */
  readonly classes: Readonly<Record<string, number>>;
}

/** Sizes of more files are not asked for. */
const MOST_SIZES = 50_000;
/** Images of which bytes are read: spread evenly over the split. */
const SAMPLED = 1024;
/** Bytes read at the beginning of a sampled image, and at its end. */
const ENDS = 128 * 1024;

/**
 * The fingerprint of a data set's images, with every image that is there, whatever the limits say. Null for data sets that their
 * name identifies, and for the complete ImageNet.
 * @throws N2uqError N2UQ_DATA_* where they can't be read
 */
export async function fingerprintOf(settings: ResolvedData): Promise<DataFingerprint | null> {
  const { dataset, root }: OptionsOf<ResolvedData> = settings;
  if (datasets[settings.dataset].identity === "name") return null;
  if (dataset === "imagenet" && root === undefined) return null;
  const loaded = await loadDataset({ ...settings, trainLimit: null, testLimit: null });
  const { train, test } = loaded;
  if (dataset === "imagenet" && isComplete(loaded)) return null;
  const hash = createHash("sha256");
  const summaries = [train, test].map((split) => summaryOf(split, loaded));
  for (const split of [train, test]) {
    if (split.kind === "files") addSplit(hash, split);
    else hash.update(split.images).update(split.labels);
  }
  const [own, other] = summaries;
  if (own === undefined || other === undefined) return null;
  return { digest: hash.update(JSON.stringify(summaries)).digest("hex"), train: own, test: other };
}

function isComplete({ info, train, test }: LoadedDataset): boolean {
  const { trainSize, testSize, classes } = IMAGENET;
  const names = info.classNames?.length ?? classes;
  return train.length === trainSize && test.length === testSize && names === classes;
}

function summaryOf({ labels, length }: Split, { info }: LoadedDataset): SplitSummary {
  const counts = new Array<number>(info.classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const names = counts.map((count, label) => [info.classNames?.[label] ?? String(label), count] as const);
  return { images: length, classes: Object.fromEntries(names) };
}

/** Adds every image's name, label and size, and the bytes of some. */
function addSplit(hash: Hash, split: FileSplit): void {
  const { source, entries, labels, length } = split;
  const stride = Math.max(1, Math.ceil(length / SAMPLED));
  for (let index = 0; index < length; index += 1) {
    const entry = entries[index] ?? 0;
    // The order counts: it decides the batches.
    hash.update(`${nameOf(split, entry)}\0${labels[index]}\0`);
    if (source.kind === "shards") hash.update(`${source.size[entry]}\0`);
    else if (length <= MOST_SIZES) hash.update(`${sizeOf(pathOf(source, entry))}\0`);
    if (index % stride === 0) addBytes(hash, split, entry);
  }
}

/** A path below the split's folder, or a member's name: never where the data lies. */
function nameOf({ source }: FileSplit, entry: number): string {
  const name = textAt(source.names, entry);
  return source.kind === "shards" ? name : pathOf(source, entry).slice(source.root.length + 1);
}

/** Null of what can't be read, such as a link that leads nowhere: the run tells it when it meets it. */
function sizeOf(file: string): number | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : null;
}

function addBytes(hash: Hash, split: FileSplit, entry: number): void {
  const { source } = split;
  if (source.kind === "folder" && sizeOf(pathOf(source, entry)) === null) return;
  try {
    hash.update(sampleOf(split, entry));
  } catch (error) {
    // Nobody may read it, or it went away: it counts by its name.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** The size of an image, and its bytes at both ends. */
function sampleOf({ source }: FileSplit, entry: number): Buffer {
  const isMember = source.kind === "shards";
  const file = openSync(
    isMember ? (source.files[source.shard[entry] ?? 0] ?? "") : pathOf(source, entry),
    "r",
  );
  try {
    const start = isMember ? (source.offset[entry] ?? 0) : 0;
    const size = isMember ? (source.size[entry] ?? 0) : fstatSync(file).size;
    const bytes = Buffer.alloc(Math.min(size, 2 * ENDS));
    const head = Math.min(size, size <= bytes.length ? size : ENDS);
    let read = readSync(file, bytes, 0, head, start);
    if (size > head)
      read += readSync(file, bytes, head, bytes.length - head, start + size - (bytes.length - head));
    return Buffer.concat([Buffer.from(`${size}\0`), bytes.subarray(0, read)]);
  } finally {
    closeSync(file);
  }
}

/** What changed between two fingerprints, in words: `training images: 40 → 50 (cat +10)`. */
export function differenceInWords(before: DataFingerprint, now: DataFingerprint): string {
  const parts = (["train", "test"] as const).flatMap((role) =>
    splitDifference(role, before[role], now[role]),
  );
  if (parts.length > 0) return parts.join("; ");
  return "the same numbers of images in the same classes, but with other names, sizes or bytes";
}

const ROLES = { train: "training", test: "validation" } as const;
const MOST_NAMED = 5;

function splitDifference(role: "train" | "test", before: SplitSummary, now: SplitSummary): string[] {
  const names = [...new Set([...Object.keys(before.classes), ...Object.keys(now.classes)])];
  const changes = names.flatMap((name) => {
    const [old, own] = [before.classes[name], now.classes[name]];
    if (old === own) return [];
    if (old === undefined) return [`new class ${basename(name)} of ${own}`];
    if (own === undefined) return [`class ${basename(name)} of ${old} is gone`];
    return [`${basename(name)} ${own > old ? "+" : "−"}${Math.abs(own - old)}`];
  });
  if (changes.length === 0) return [];
  const shown = changes.slice(0, MOST_NAMED).join(", ");
  const more = changes.length > MOST_NAMED ? `, ${changes.length - MOST_NAMED} more classes` : "";
  return [`${ROLES[role]} images: ${before.images} → ${now.images} (${shown}${more})`];
}
