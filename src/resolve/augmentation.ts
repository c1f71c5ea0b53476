import type { Experiment } from "../schema/generated/experiment.js";
import { square } from "./data.js";
import { isOfFiles } from "./dataKinds.js";
import type { ResolvedAugmentation, ResolvedColorJitter, ResolvedData } from "./types.js";

/** torchvision's usual proportion: the short side becomes 256 before 224 are cut out. */
const RESIZE_TO_CROP = 256 / 224;

type Augmentation = NonNullable<Experiment["augmentation"]>;

interface Facts {
  readonly imageSize: readonly [number, number];
  readonly channels: number;
}

/**
 * How training images are varied and how test images are cut out. Files of many sizes are cropped at random unless told otherwise.
 * @param facts the data set's
 * @returns only what takes effect on such images: nothing is decoded of those in memory, grey ones have no saturation
 */
export function resolveAugmentation(
  { augmentation = {}, architecture = {} }: Experiment,
  { dataset }: ResolvedData,
  facts: Facts,
): ResolvedAugmentation {
  const ofFiles = isOfFiles(dataset);
  const {
    kind = ofFiles ? "random-resized-crop" : "none",
    padding = 4,
    horizontalFlip = true,
  } = augmentation;
  const given = square(architecture.inputSize);
  const size = augmentation.size ?? Math.min(...(given ?? facts.imageSize));
  const input = given ?? (kind === "random-resized-crop" ? [size] : facts.imageSize);
  // Images in memory are shown whole where nothing else is said, and those to be padded have the network's size.
  const proportion = ofFiles && kind !== "pad-crop-flip" ? RESIZE_TO_CROP : 1;
  const usual = Math.max(...input, Math.round(Math.min(...input) * proportion));
  const validationResize = augmentation.validationResize ?? usual;
  if (kind !== "random-resized-crop") {
    const cut = ofFiles || augmentation.validationResize !== undefined;
    const validation = cut ? { validationResize } : {};
    return kind === "none" ? { kind, ...validation } : { kind, padding, horizontalFlip, ...validation };
  }
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], decode = "exact" } = augmentation;
  return {
    kind,
    size,
    scale: pair(scale),
    ratio: pair(ratio),
    horizontalFlip,
    validationResize,
    colorJitter: jitterOf(augmentation, facts),
    ...(ofFiles && { decode }),
  };
}

function jitterOf({ colorJitter = {} }: Augmentation, { channels }: Facts): ResolvedColorJitter {
  const { brightness = 0, contrast = 0, saturation = 0 } = colorJitter;
  return { brightness, contrast, ...(channels > 1 && { saturation }) };
}

function pair([low = 1, high = low]: readonly number[]): readonly [number, number] {
  return [Math.min(low, high), Math.max(low, high)];
}
