import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { ResolvedData } from "../schema/generated/resolved.js";
import type { Identity } from "../schema/generated/run.js";
import type { OptionsOf } from "../schema/options.js";
import { datasets, loadDataset } from "./datasets.js";
import { IMAGENET } from "./imageFolder.js";
import { pathOf, textAt } from "./images/files.js";
import type { FileSplit, LoadedDataset, Split } from "./types.js";

/** Identifies a set of images independently of its location. */
export type DataFingerprint = NonNullable<Identity["data"]>;

/** Image counts of a split. */
export type SplitSummary = DataFingerprint["train"];

/** In splits of up to this many files, file sizes are hashed too. */
const MOST_SIZES = 50_000;
/** Number of images whose bytes are sampled, evenly spread over the split. */
const SAMPLED = 1024;
/** Bytes read at the beginning and at the end of a sampled image. */
const ENDS = 128 * 1024;

/**
 * Computes the fingerprint of all images of a data set, ignoring limits. Null for data sets identified by
 * name, and for the complete ImageNet. @throws N2uqError N2UQ_DATA_* if the data set cannot be read
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

/**
 * Hashes every image's name, label and size, and the bytes of sampled images. In splits of more than 50,000
 * files, file sizes are omitted.
 */
function addSplit(hash: Hash, split: FileSplit): void {
  const { source, entries, labels, length } = split;
  const stride = Math.max(1, Math.ceil(length / SAMPLED));
  for (let index = 0; index < length; index += 1) {
    const entry = entries[index] ?? 0;
    // The order matters: it determines the batches.
    hash.update(`${nameOf(split, entry)}\0${labels[index]}\0`);
    if (source.kind === "shards") hash.update(`${source.size[entry]}\0`);
    else if (length <= MOST_SIZES) hash.update(`${sizeOf(pathOf(source, entry))}\0`);
    if (index % stride === 0) addBytes(hash, split, entry);
  }
}

/**
 * The name of an image for the hash: its path below the split's folder, or the tar member's name. It never
 * contains the location of the data.
 */
function nameOf({ source }: FileSplit, entry: number): string {
  const name = textAt(source.names, entry);
  return source.kind === "shards" ? name : pathOf(source, entry).slice(source.root.length + 1);
}

/**
 * A file's size in bytes. Null for an unreadable file, such as a dangling link; the run reports such a file
 * when it reads it.
 */
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
    // Only the name of an unreadable or removed file is hashed.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** Returns an image's size followed by its first and last bytes. */
function sampleOf({ source }: FileSplit, entry: number): Buffer {
  const isMember = source.kind === "shards";
  const fd = openSync(isMember ? (source.files[source.shard[entry] ?? 0] ?? "") : pathOf(source, entry), "r");
  try {
    const start = isMember ? (source.offset[entry] ?? 0) : 0;
    const size = isMember ? (source.size[entry] ?? 0) : fstatSync(fd).size;
    const bytes = Buffer.alloc(Math.min(size, 2 * ENDS));
    const head = Math.min(size, size <= bytes.length ? size : ENDS);
    let read = readSync(fd, bytes, 0, head, start);
    if (size > head)
      read += readSync(fd, bytes, head, bytes.length - head, start + size - (bytes.length - head));
    return Buffer.concat([Buffer.from(`${size}\0`), bytes.subarray(0, read)]);
  } finally {
    closeSync(fd);
  }
}

/** Describes the difference of two fingerprints: `training images: 40 → 50 (cat +10)`. */
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
    if (own === undefined) return [`class ${basename(name)} of ${old} is missing`];
    return [`${basename(name)} ${own > old ? "+" : "−"}${Math.abs(own - old)}`];
  });
  if (changes.length === 0) return [];
  const shown = changes.slice(0, MOST_NAMED).join(", ");
  const more = changes.length > MOST_NAMED ? `, ${changes.length - MOST_NAMED} more classes` : "";
  return [`${ROLES[role]} images: ${before.images} → ${now.images} (${shown}${more})`];
}
