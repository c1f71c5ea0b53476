import type { Experiment } from "../schema/generated/experiment.js";
import { missing } from "./checks.js";
import { isOfFiles } from "./dataKinds.js";
import type { DataFacts, Images } from "./facts.js";
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

/** As src/data/images/bounds.ts has it. */
const MOST_PIXELS = 64_000_000;

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
  const { maxUnreadable = null, decodeThreads = null, maxPixels = MOST_PIXELS } = reading;
  const known = name ?? root?.split(/[\\/]/).findLast((part) => part !== "");
  const named = dataset === "imagenet" || known === undefined ? {} : { name: known };
  const { train = "train", test = "val" } = splits;
  const place = dataset === "shards" ? { shards: shards ?? {} } : { splits: { train, test } };
  return { ...named, ...place, maxUnreadable, decodeThreads, maxPixels };
}

/** One number stands for a square. */
export function square(size: number | readonly number[] | undefined): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  if (typeof size === "number") return [size, size];
  const [height = 1, width = height] = size;
  return [height, width];
}

/** Limits at or above the number of images limit nothing, where that number is known. */
export function limited(
  data: ResolvedData,
  { sizes }: Pick<DataFacts, "sizes">,
): { data: ResolvedData; images: Images } {
  if (sizes === undefined) return { data, images: { train: null, test: null } };
  const { trainSize, testSize } = sizes;
  const cut = (limit: number | null, size: number) => (limit === null || limit >= size ? null : limit);
  const [trainLimit, testLimit] = [cut(data.trainLimit, trainSize), cut(data.testLimit, testSize)];
  return {
    data: { ...data, trainLimit, testLimit },
    images: { train: trainLimit ?? trainSize, test: testLimit ?? testSize },
  };
}
