import { stat } from "node:fs/promises";
import { N2uqError } from "../../errors.js";
import { stopWhereAsked } from "../interrupted.js";
import { printable } from "../printable.js";
import type { LoadOptions, ShardSource } from "../types.js";
import { textList } from "./folderIndex.js";
import { readEntries, writeEntries } from "./indexCache.js";
import { type Incomplete, samplesIn } from "./shardSamples.js";

const FORMAT = 2;
/** Bytes per image in the index: offset, size and label. */
const ENTRY = 8 + 4 + 2;

/** The images of one tar file as one block: offsets (float64), sizes (uint32), labels (uint16), names. */
interface Shard {
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly count: number;
  /** Number of samples without an image or a label, and the first of them. */
  readonly incomplete: number;
  readonly named: readonly Incomplete[];
  /** Whether the end marker is present. */
  readonly ended: boolean;
  /** The number of samples before the file changed; kept until it is reported. */
  readonly had: number;
  readonly bytes: Uint8Array;
}

export interface ShardIndex {
  readonly source: ShardSource;
  readonly labels: Uint16Array;
  /** The first skipped sample, with the reason. */
  readonly leftOut: Incomplete | undefined;
}

/**
 * Finds the images in tar files in WebDataset's layout: members whose names agree up to the first dot form a
 * sample; its label is in `.cls` (a number) or `.json` (the key `label`). Caches the result and rereads only
 * tar files whose size or date changed. @throws N2uqError N2UQ_DATA_NO_SHARDS; as `samplesIn`
 */
export async function indexShards(files: readonly string[], options: LoadOptions): Promise<ShardIndex> {
  const key = `shards ${files.join("\n")}`;
  const known = new Map((await readEntries<Shard>(key, FORMAT)).map((shard) => [shard.file, shard]));
  const shards: Shard[] = [];
  let anew = 0;
  for (const [done, file] of files.entries()) {
    const { size, mtimeMs } = await statOf(file);
    const before = known.get(file);
    if (before?.size === size && before.mtimeMs === mtimeMs) shards.push(before);
    else {
      const own = await lookThrough(file, options.signal);
      shards.push({ ...own, file, size, mtimeMs, had: Math.max(before?.count ?? 0, before?.had ?? 0) });
      anew += 1;
    }
    options.onProgress?.({ phase: "index", done: done + 1, total: files.length });
    stopWhereAsked(options.signal);
  }
  checkSplit(shards);
  const tell = options.onWarning;
  for (const shard of shards) for (const text of oddities(shard)) tell?.(text);
  // A shrunken file is reported once. Without `onWarning` the number is kept, so that the next scan reports
  // it.
  const current = tell === undefined ? shards : shards.map((shard) => ({ ...shard, had: 0 }));
  if (anew > 0 || current.some(({ had }, i) => had !== shards[i]?.had)) {
    const problem = await writeEntries(key, FORMAT, current);
    if (problem !== null) tell?.(`the index of the shards could not be kept: ${problem}`);
  }
  return arrange(shards);
}

async function statOf(file: string) {
  return stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR")
      throw new N2uqError("N2UQ_DATA_NO_SHARDS", { pattern: file });
    throw new N2uqError("N2UQ_DATA_SHARD", { file, problem: error.message, count: 0 }, { cause: error });
  });
}

/** Scans one tar file and encodes its images for the index. @throws as `samplesIn` */
async function lookThrough(
  file: string,
  signal?: AbortSignal,
): Promise<Omit<Shard, "file" | "size" | "mtimeMs" | "had">> {
  const { found, incomplete, named, ended } = await samplesIn(file, signal);
  const bytes = Buffer.concat([
    bytesOf(Float64Array.from(found, ({ image }) => image.offset)),
    bytesOf(Uint32Array.from(found, ({ image }) => image.size)),
    bytesOf(Uint16Array.from(found, ({ label }) => label)),
    Buffer.from(found.map(({ image }) => `${image.name.replaceAll("\0", "")}\0`).join("")),
  ]);
  return { count: found.length, incomplete, named, ended, bytes };
}

/**
 * Rejects a sample whose image and label are in different tar files: it was packed by mistake. @throws
 * N2uqError N2UQ_DATA_SHARD_SAMPLE
 */
function checkSplit(shards: readonly Shard[]): void {
  const lacking = new Map<string, Incomplete & { readonly file: string }>();
  for (const { file, named } of shards) {
    for (const one of named) {
      const other = lacking.get(one.key);
      if (other !== undefined && other.lacks !== one.lacks && other.file !== file) {
        const problem = `is split: its ${one.lacks} is in ${other.file}`;
        const remedy = "Pack them again so that all files of a sample are in one tar file.";
        throw new N2uqError("N2UQ_DATA_SHARD_SAMPLE", { key: printable(one.key), file, problem, remedy });
      }
      lacking.set(one.key, { ...one, file });
    }
  }
}

/** Findings that are suspicious but not errors. */
function* oddities({ file, count, had, incomplete, named, ended }: Shard): Iterable<string> {
  const samples = `${count.toLocaleString("en")} samples were read`;
  if (!ended) yield `${file} has no end marker, so members may be missing; ${samples}`;
  if (count < had)
    yield `${file} had ${had.toLocaleString("en")} samples when it was last read; now ${samples}`;
  const [first] = named;
  if (first !== undefined) {
    const what = `the sample ${printable(first.key)} ${first.why}`;
    yield `${file}: ${incomplete} samples are skipped: ${what}${incomplete > 1 ? ", …" : ""}`;
  } else if (count === 0) yield `${file} holds no sample`;
}

function arrange(shards: readonly Shard[]): ShardIndex {
  const length = shards.reduce((sum, { count }) => sum + count, 0);
  const make = (bytes: number) => new SharedArrayBuffer(length * bytes);
  const [shard, offset] = [new Uint16Array(make(2)), new Float64Array(make(8))];
  const [size, labels] = [new Uint32Array(make(4)), new Uint16Array(length)];
  let at = 0;
  shards.forEach(({ count, bytes }, number) => {
    const [sizes, ends, names] = [count * 8, count * 12, count * ENTRY];
    shard.fill(number, at, at + count);
    bytesOf(offset.subarray(at, at + count)).set(bytes.subarray(0, sizes));
    bytesOf(size.subarray(at, at + count)).set(bytes.subarray(sizes, ends));
    bytesOf(labels.subarray(at, at + count)).set(bytes.subarray(ends, names));
    at += count;
  });
  const names = textList(
    shards.map(({ bytes, count }) => bytes.subarray(count * ENTRY)),
    length,
  );
  const files = shards.map(({ file }) => file);
  const leftOut = shards.flatMap(({ named }) => named.slice(0, 1))[0];
  return { source: { kind: "shards", files, shard, offset, size, names }, labels, leftOut };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array | Uint16Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
