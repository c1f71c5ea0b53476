import type { Experiment } from "../schema/generated/experiment.js";
import { square } from "./data.js";
import { isOfFiles } from "./dataKinds.js";
import type { ResolvedAugmentation, ResolvedData } from "./types.js";

/** torchvision's usual proportion: the short side becomes 256 before 224 are cut out. */
const RESIZE_TO_CROP = 256 / 224;
const USUAL_SIZE = 224;

/** How training images are varied and how test images are cut out; files of many sizes are cropped at random unless told otherwise. */
export function resolveAugmentation(
  { augmentation = {}, architecture = {} }: Experiment,
  { dataset }: ResolvedData,
): ResolvedAugmentation {
  const ofFiles = isOfFiles(dataset);
  const {
    kind = ofFiles ? "random-resized-crop" : "none",
    padding = 4,
    horizontalFlip = true,
  } = augmentation;
  if (kind === "pad-crop-flip") return { kind, padding, horizontalFlip };
  const wanted = Math.min(...(square(architecture.inputSize) ?? [USUAL_SIZE]));
  const size = augmentation.size ?? wanted;
  const validationResize = augmentation.validationResize ?? Math.round(size * RESIZE_TO_CROP);
  if (kind === "none") return { kind, ...(ofFiles && { validationResize }) };
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], decode = "exact" } = augmentation;
  const { brightness = 0, contrast = 0, saturation = 0 } = augmentation.colorJitter ?? {};
  return {
    kind,
    size,
    scale: pair(scale),
    ratio: pair(ratio),
    horizontalFlip,
    validationResize,
    colorJitter: { brightness, contrast, saturation },
    decode,
  };
}

function pair([low = 1, high = low]: readonly number[]): readonly [number, number] {
  return [Math.min(low, high), Math.max(low, high)];
}
