import type { Experiment } from "../schema/generated/experiment.js";
import { missing } from "./checks.js";
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

/** Where the images come from; also what the data set's facts are asked with. */
export function resolveData(data: NonNullable<Experiment["data"]>): ResolvedData {
  const { dataset, root, trainLimit = null, testLimit = null, synthetic = {} } = data;
  if (dataset === undefined) throw missing(["data", "dataset"]);
  const common = { dataset, trainLimit, testLimit, ...(root === undefined ? {} : { root }) };
  if (dataset !== "synthetic") return common;
  const { imageSize, ...sizes } = synthetic;
  return {
    ...common,
    synthetic: { ...SYNTHETIC, ...sizes, imageSize: square(imageSize) ?? SYNTHETIC.imageSize },
  };
}

/** One number stands for a square. */
export function square(size: number | readonly number[] | undefined): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  if (typeof size === "number") return [size, size];
  const [height = 1, width = height] = size;
  return [height, width];
}
