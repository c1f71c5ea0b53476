import { isAbsolute, join } from "node:path";
import { N2uqError } from "../errors.js";
import { infoOf, rootOf } from "./imageFolder.js";
import { expandBraces } from "./images/braces.js";
import { indexShards, type ShardIndex } from "./images/shardIndex.js";
import { fileSplit } from "./images/split.js";
import { printable } from "./printable.js";
import { type DataOf, defineDataset, type FileSplit, type LoadOptions, type SplitName } from "./types.js";

/** The index stores file numbers in 16 bits. */
const MOST_FILES = 65536;

/**
 * Images in tar files in WebDataset's layout, read in place, so that shuffling does not depend on the order
 * of the tar files.
 */
export const shards = defineDataset({
  name: "shards",
  summary: "your images in tar files (WebDataset)",
  storage: "files",
  identity: "content",
  isPublished: false,
  async info(settings) {
    return infoOf(settings.name ?? "shards", await classesOf(settings, {}));
  },
  async sizes(settings, options) {
    const train = await indexOf(settings, "train", options);
    const test = await indexOf(settings, "test", options);
    return { trainSize: train?.labels.length ?? 0, testSize: test?.labels.length ?? 0 };
  },
  async load(settings, options) {
    const classes = await classesOf(settings, options);
    const train = await splitOf(settings, "train", classes, options);
    const test = await splitOf(settings, "test", classes, options);
    if (test.length === 0) throw noShards(settings, "test");
    return { info: infoOf(settings.name ?? "shards", classes), train, test };
  },
});

/** The declared number of classes, or the largest label plus one. */
async function classesOf(settings: DataOf<"shards">, options: LoadOptions): Promise<number> {
  const declared = settings.shards?.classes;
  if (declared !== undefined) return declared;
  const index = (await indexOf(settings, "train", options)) ?? (await indexOf(settings, "test", options));
  if (index === null) throw noShards(settings, "train");
  return index.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
}

/** Null if the experiment names no tar files. */
async function indexOf(
  settings: DataOf<"shards">,
  role: SplitName,
  options: LoadOptions,
): Promise<ShardIndex | null> {
  const pattern = settings.shards?.[role];
  if (pattern === undefined) return null;
  const names = expandBraces(pattern, MOST_FILES);
  if (names === null) throw new N2uqError("N2UQ_DATA_TOO_MANY_SHARDS", { pattern, most: MOST_FILES });
  if (names.length === 0) throw noShards(settings, role);
  const files = names.map((name) => (isAbsolute(name) ? name : join(rootOf(settings), name)));
  const index = await indexShards(files, options);
  if (index.labels.length > 0) return index;
  const { key, why } = index.leftOut ?? {};
  const details = key === undefined ? "" : `: the sample ${printable(key)} ${why}`;
  throw new N2uqError("N2UQ_DATA_NO_SAMPLES", { pattern, details });
}

async function splitOf(
  settings: DataOf<"shards">,
  role: SplitName,
  classes: number,
  options: LoadOptions,
): Promise<FileSplit> {
  const index = await indexOf(settings, role, options);
  if (index === null) return fileSplit(role, EMPTY, new Uint16Array(0), settings);
  const { labels, source } = index;
  const strange = labels.findIndex((label) => label >= classes);
  if (strange >= 0) {
    const place = source.files[source.shard[strange] ?? 0];
    throw new N2uqError("N2UQ_DATA_LABEL", { place, label: labels[strange], classes });
  }
  return fileSplit(role, source, labels, settings);
}

const EMPTY = {
  kind: "shards",
  files: [],
  shard: new Uint16Array(0),
  offset: new Float64Array(0),
  size: new Uint32Array(0),
  names: { bytes: new Uint8Array(0), starts: new Uint32Array(1) },
} as const;

function noShards(settings: DataOf<"shards">, role: SplitName): N2uqError {
  const pattern = settings.shards?.[role] ?? `named by data.shards.${role}`;
  return new N2uqError("N2UQ_DATA_NO_SHARDS", { pattern });
}
