import type { DatasetInfo, PluginDataset, Split } from "../data/types.js";
import { N2uqError } from "../errors.js";
import { shown } from "../schema/shown.js";

/**
 * A plug-in's data set with functions that check their results. Without these checks, a wrong result could
 * cause training on wrong images, or errors far from their cause. @throws (from its functions) N2uqError
 * N2UQ_PLUGIN_INVALID
 */
export function checkedDataset(dataset: PluginDataset, file: string): PluginDataset {
  const { name, summary, storage, identity, isPublished } = dataset;
  const check = (source: string, fault: string | undefined) => {
    if (fault === undefined) return;
    const what = `datasets/${name}: ${source} ${fault}`;
    throw new N2uqError("N2UQ_PLUGIN_INVALID", { file, what }, { location: { file } });
  };
  return {
    ...{ name, summary, storage, identity, isPublished },
    async info(settings) {
      const info = await dataset.info(settings);
      check("info()", infoFault(info));
      return info;
    },
    async sizes(settings, options) {
      const sizes = await dataset.sizes(settings, options);
      for (const key of ["trainSize", "testSize"] as const)
        if (!isCount(sizes?.[key]))
          check("sizes()", `returns ${key} ${shown(sizes?.[key])}, not a count of images`);
      return sizes;
    },
    async load(settings, options) {
      const loaded = await dataset.load(settings, options);
      check("load()", infoFault(loaded?.info));
      for (const key of ["train", "test"] as const)
        check("load()", splitFault(loaded[key], key, loaded.info));
      return loaded;
    },
  };
}

function infoFault(info: Partial<DatasetInfo> | undefined): string | undefined {
  const { classes, imageSize, channels, mean, std } = info ?? {};
  if (!isCount(classes) || classes === 0) return `returns classes ${shown(classes)}, not a count`;
  if (
    !Array.isArray(imageSize) ||
    imageSize.length !== 2 ||
    !imageSize.every((side) => isCount(side) && side > 0)
  )
    return `returns imageSize ${shown(imageSize)}, not [height, width] in pixels`;
  if (!isCount(channels) || channels === 0) return `returns channels ${shown(channels)}, not a count`;
  for (const [key, list] of Object.entries({ mean, std }))
    if (!Array.isArray(list) || list.length !== channels || !list.every(Number.isFinite))
      return `returns ${key} ${shown(list)}, not a list of one number for each channel`;
  return std?.some((one) => one <= 0) ? `returns std ${shown(std)}, which must be above 0` : undefined;
}

function splitFault(
  split: Split | undefined,
  key: string,
  { imageSize, channels, classes }: DatasetInfo,
): string | undefined {
  if (split?.kind !== "memory" && split?.kind !== "files")
    return `returns a split ${key} whose kind is neither memory nor files`;
  const { length, labels } = split;
  if (!isCount(length) || length === 0) return `returns a split ${key} of length ${shown(length)}`;
  if (labels?.length !== length)
    return `returns ${shown(labels?.length)} labels for ${length} images in ${key}`;
  let largest = 0;
  for (const label of labels) largest = Math.max(largest, label);
  if (largest >= classes) return `returns the label ${largest} in ${key}; there are ${classes} classes`;
  if (split.kind !== "memory") return undefined;
  const bytes = length * imageSize[0] * imageSize[1] * channels;
  if (split.images instanceof Uint8Array && split.images.length === bytes) return undefined;
  return `returns images in ${key} that are not a Uint8Array of ${bytes} values (length × height × width × channels)`;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
