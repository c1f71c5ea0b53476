import type { Experiment } from "../schema/generated/experiment.js";
import { missing } from "./checks.js";
import { isOfFiles } from "./dataKinds.js";
import type { ResolvedData } from "./types.js";

/** `synthetic`'s sizes where nothing else is said; the schema shows the same. */
export const SYNTHETIC = {
  classes: 10,
  imageSize: [16, 16],
  channels: 1,
  trainSize: 512,
  testSize: 256,
  seed: 0,
} as const;

type Data = NonNullable<Experiment["data"]>;

/** Where the images come from; also what the data set's facts are asked with. */
export function resolveData(data: Data): ResolvedData {
  const { dataset, root, trainLimit = null, testLimit = null, synthetic = {} } = data;
  if (dataset === undefined) throw missing(["data", "dataset"]);
  const common = { dataset, trainLimit, testLimit, ...(root === undefined ? {} : { root }) };
  if (isOfFiles(dataset)) return { ...common, ...resolveFiles(data) };
  if (dataset !== "synthetic") return common;
  const { imageSize, ...sizes } = synthetic;
  return {
    ...common,
    synthetic: { ...SYNTHETIC, ...sizes, imageSize: square(imageSize) ?? SYNTHETIC.imageSize },
  };
}

/** The name stands for the images in the hash, since the path to them differs from machine to machine. */
function resolveFiles({ dataset, root, name, splits = {}, shards, ...reading }: Data): Partial<ResolvedData> {
  const { maxUnreadable = null, decodeThreads = null } = reading;
  const known = name ?? root?.split(/[\\/]/).findLast((part) => part !== "");
  const named = dataset === "imagenet" || known === undefined ? {} : { name: known };
  const { train = "train", test = "val" } = splits;
  const place = dataset === "shards" ? { shards: shards ?? {} } : { splits: { train, test } };
  return { ...named, ...place, maxUnreadable, decodeThreads };
}

/** One number stands for a square. */
export function square(size: number | readonly number[] | undefined): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  if (typeof size === "number") return [size, size];
  const [height = 1, width = height] = size;
  return [height, width];
}
