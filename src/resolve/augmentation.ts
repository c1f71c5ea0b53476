import { withDefaults } from "../schema/defaults.js";
import type { CompleteArchitecture } from "../schema/generated/complete.js";
import type { Augmentation } from "../schema/generated/experiment.js";
import { square } from "./data.js";
import type { DataFacts } from "./facts.js";
import type { ResolvedAugmentation } from "./types.js";

/** torchvision's usual proportion: resize the short side to 256, then crop 224. */
const RESIZE_TO_CROP = 256 / 224;

/**
 * Augmentation of training images and cropping of validation images. Image files are cropped at random by
 * default. @param facts facts of the data set @returns only options with an effect on such images: images in
 * memory are not decoded, and gray images have no saturation
 */
export function resolveAugmentation(
  written: Augmentation | undefined,
  architecture: Pick<CompleteArchitecture, "inputSize">,
  facts: Pick<DataFacts, "imageSize" | "channels" | "inFiles">,
): ResolvedAugmentation {
  const { inFiles = false } = facts;
  const kind = written?.kind ?? (inFiles ? "random-resized-crop" : "none");
  const augmentation = withDefaults("augmentation", { ...written, kind } as Augmentation);
  const given = square(architecture.inputSize);
  const side = Math.min(...(given ?? facts.imageSize));
  const size = augmentation.kind === "random-resized-crop" ? (augmentation.size ?? side) : null;
  const input = given ?? (size === null ? facts.imageSize : [size]);
  // By default images in memory are not resized, and padded images have the network's input size.
  const proportion = inFiles && kind !== "pad-crop-flip" ? RESIZE_TO_CROP : 1;
  const usual = Math.max(...input, Math.round(Math.min(...input) * proportion));
  const validationResize = augmentation.validationResize ?? usual;
  if (augmentation.kind !== "random-resized-crop" || size === null) {
    const isCropped = inFiles || augmentation.validationResize !== undefined;
    return { ...augmentation, ...(isCropped && { validationResize }) } as ResolvedAugmentation;
  }
  const { scale, ratio, decode, colorJitter, ...rest } = augmentation;
  const { saturation, ...jitter } = colorJitter;
  return {
    ...rest,
    size,
    validationResize,
    scale: ascending(scale),
    ratio: ascending(ratio),
    colorJitter: { ...jitter, ...(facts.channels > 1 && { saturation }) },
    ...(inFiles && { decode }),
  };
}

function ascending([low, high]: readonly [number, number]): readonly [number, number] {
  return [Math.min(low, high), Math.max(low, high)];
}
