import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { N2uqError } from "../../errors.js";
import type { LoadOptions, ShardSource } from "../types.js";
import { textList } from "./folderIndex.js";
import type { Entry } from "./indexCache.js";
import { readEntries, writeEntries } from "./indexCache.js";
import type { TarMember } from "./tar.js";
import { tarMembers } from "./tar.js";

const FORMAT = 1;
const IMAGES = ["jpg", "jpeg", "png", "webp"];
const LARGEST_LABEL = 65535;
/** More is no label file. */
const MOST_LABEL_BYTES = 1 << 20;
/** Bytes that an image takes in the index: offset, size and label. */
const ENTRY = 8 + 4 + 2;

/** The images of one tar file, as one block: offsets (float64), sizes (uint32), labels (uint16), names. */
interface Shard {
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly count: number;
  /** Samples without an image, or without a label. */
  readonly incomplete: number;
  readonly block: Uint8Array;
}

export interface ShardIndex {
  readonly source: ShardSource;
  readonly labels: Uint16Array;
  readonly incomplete: number;
}

/**
 * Finds the images in tar files as WebDataset lays them out: members whose names agree up to the first dot are a sample, its
 * label is in `.cls` (a number) or `.json` (the key `label`). What is found is kept in the user's cache; only tar files whose
 * size or date changed are looked through again.
 * @throws N2uqError N2UQ_DATA_NO_SHARDS, N2UQ_DATA_SHARD, N2UQ_DATA_LABEL
 */
export async function indexShards(files: readonly string[], options: LoadOptions): Promise<ShardIndex> {
  const key = `shards ${files.join("\n")}`;
  const known = await readShards(key);
  const shards: Shard[] = [];
  let anew = 0;
  for (const [done, file] of files.entries()) {
    const { size, mtimeMs } = await stat(file).catch(() => {
      throw new N2uqError("N2UQ_DATA_NO_SHARDS", { pattern: file });
    });
    const before = known.get(file);
    if (before?.size === size && before.mtimeMs === mtimeMs) shards.push(before);
    else {
      shards.push({ ...(await lookThrough(file)), file, size, mtimeMs });
      anew += 1;
    }
    options.onProgress?.({ phase: "index", done: done + 1, total: files.length });
    options.signal?.throwIfAborted();
  }
  const problem = anew === 0 ? null : await writeShards(key, shards);
  if (problem !== null) options.onWarning?.(`the index of the shards could not be kept: ${problem}`);
  return arrange(shards);
}

interface Sample {
  readonly key: string;
  image?: TarMember;
  label?: number;
}

async function lookThrough(file: string): Promise<Pick<Shard, "count" | "incomplete" | "block">> {
  const handle = await open(file, "r");
  const found: (Sample & { image: TarMember; label: number })[] = [];
  let incomplete = 0;
  const keep = (sample: Sample | null) => {
    if (sample === null) return;
    const { key, image, label } = sample;
    if (image === undefined || label === undefined) incomplete += 1;
    else found.push({ key, image, label });
  };
  try {
    let sample: Sample | null = null;
    for await (const member of tarMembers(handle)) {
      const [key, extension] = partsOf(member.name);
      if (key === null) continue;
      if (sample === null || sample.key !== key) {
        keep(sample);
        sample = { key };
      }
      if (IMAGES.includes(extension)) sample.image = member;
      else if (extension === "cls" || (extension === "json" && sample.label === undefined)) {
        const label = await labelIn(member, extension, `${file}/${member.name}`);
        if (label !== null) sample.label = label;
      }
    }
    keep(sample);
  } catch (error) {
    if (error instanceof N2uqError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new N2uqError("N2UQ_DATA_SHARD", { file, problem }, { cause: error });
  } finally {
    await handle.close();
  }
  const block = Buffer.concat([
    bytesOf(Float64Array.from(found, ({ image }) => image.offset)),
    bytesOf(Uint32Array.from(found, ({ image }) => image.size)),
    bytesOf(Uint16Array.from(found, ({ label }) => label)),
    Buffer.from(found.map(({ image }) => `${image.name}\0`).join("")),
  ]);
  return { count: found.length, incomplete, block };
}

/** `a/b.c/d.seg.png` is extension `seg.png` of the sample `a/b.c/d`; hidden files are none. */
function partsOf(name: string): [key: string | null, extension: string] {
  const base = basename(name);
  const dot = base.indexOf(".");
  if (dot < 1) return [null, ""];
  return [name.slice(0, name.length - base.length + dot), base.slice(dot + 1).toLowerCase()];
}

async function labelIn(member: TarMember, extension: string, place: string): Promise<number | null> {
  if (member.size > MOST_LABEL_BYTES) return null;
  const text = (await member.read()).toString("utf8");
  const label = extension === "cls" ? Number(text.trim() || Number.NaN) : jsonLabel(text);
  if (label === null) return null;
  if (Number.isInteger(label) && label >= 0 && label <= LARGEST_LABEL) return label;
  throw new N2uqError("N2UQ_DATA_LABEL", {
    place,
    label: text.trim().slice(0, 20),
    classes: LARGEST_LABEL + 1,
  });
}

/** Null where the JSON says nothing of a label. */
function jsonLabel(text: string): number | null {
  try {
    const { label } = JSON.parse(text) as { label?: unknown };
    return typeof label === "number" ? label : null;
  } catch {
    return null;
  }
}

function arrange(shards: readonly Shard[]): ShardIndex {
  const length = shards.reduce((sum, { count }) => sum + count, 0);
  const make = (bytes: number) => new SharedArrayBuffer(length * bytes);
  const [shard, offset] = [new Uint16Array(make(2)), new Float64Array(make(8))];
  const [size, labels] = [new Uint32Array(make(4)), new Uint16Array(length)];
  let at = 0;
  shards.forEach(({ count, block }, number) => {
    const [sizes, ends, names] = [count * 8, count * 12, count * ENTRY];
    shard.fill(number, at, at + count);
    bytesOf(offset.subarray(at, at + count)).set(block.subarray(0, sizes));
    bytesOf(size.subarray(at, at + count)).set(block.subarray(sizes, ends));
    bytesOf(labels.subarray(at, at + count)).set(block.subarray(ends, names));
    at += count;
  });
  const names = textList(
    shards.map(({ block, count }) => block.subarray(count * ENTRY)),
    length,
  );
  const files = shards.map(({ file }) => file);
  const incomplete = shards.reduce((sum, one) => sum + one.incomplete, 0);
  return { source: { kind: "shards", files, shard, offset, size, names }, labels, incomplete };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array | Uint16Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

async function readShards(key: string): Promise<Map<string, Shard>> {
  const entries = await readEntries<Omit<Shard, "block"> & Entry>(key, FORMAT);
  return new Map(entries.map(({ bytes, ...shard }) => [shard.file, { ...shard, block: bytes }]));
}

function writeShards(key: string, shards: readonly Shard[]): Promise<string | null> {
  const entries = shards.map(({ block, ...shard }) => ({ ...shard, bytes: block }));
  return writeEntries(key, FORMAT, entries);
}
