import { withDefaults } from "../schema/defaults.js";
import type { Data } from "../schema/generated/experiment.js";
import { optionsOf } from "../schema/roots.js";
import type { DataFacts, Images } from "./facts.js";
import type { DataOptions, ResolvedData } from "./types.js";

/**
 * The source of the images, for the resolved experiment and for the data set. `name` is a label for reports;
 * its default is the folder's name.
 */
export function resolveData(written: Data): ResolvedData {
  const data = withDefaults("data", written);
  if (!optionsOf("datasets", data.dataset).includes("name")) return data;
  const { name, root }: DataOptions = data;
  const known = name ?? root?.split(/[\\/]/).findLast((part) => part !== "");
  return { ...data, ...(known !== undefined && { name: known }) };
}

/** `[height, width]`; one number is the side of a square. */
export function square(
  size: number | readonly [number, number] | undefined,
): readonly [number, number] | undefined {
  return typeof size === "number" ? [size, size] : size;
}

/** Drops limits at or above the number of images, if that number is known. */
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
