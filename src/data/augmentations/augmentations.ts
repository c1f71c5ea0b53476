import { stream } from "../../random.js";
import { centreView } from "../images/crop.js";
import { STILL } from "../images/normalize.js";
import type { Size } from "../images/resample.js";
import type { Augmentation, BatchRequest } from "../types.js";
import { padCropFlip } from "./padCropFlip.js";
import { randomResizedCrop } from "./randomResizedCrop.js";
import type { AugmentationPart, Changes, Variation } from "./types.js";

/** Every augmentation by its name in the experiment. `none` means no augmentation and is not in the table. */
export const augmentations = {
  "pad-crop-flip": padCropFlip,
  "random-resized-crop": randomResizedCrop,
} satisfies { [Kind in Augmentation["kind"]]: AugmentationPart<Kind> };

const UNCHANGED: Changes = { window: STILL, colors: [] };

/**
 * The augmentation of one image. Its random numbers depend only on seed, epoch and image index, not on other
 * images or earlier batches. @param size the network's input size @param number the image's index in its
 * split
 */
export function variationOf(
  { augmentation, shortSide, seed, epoch }: Omit<BatchRequest, "onUnreadable">,
  size: Size,
  number: number,
): Variation {
  const short = shortSide ?? Math.max(size.width, size.height);
  const centre = (own: Size) => centreView(own, short, size);
  if (augmentation === undefined) return { view: centre, changes: () => UNCHANGED };
  const part: Pick<AugmentationPart<never>, "vary"> = augmentations[augmentation.kind];
  return part.vary(augmentation as never, { size, centre, next: stream(seed, `augment/${epoch}/${number}`) });
}

/** Whether images in memory are cropped and resized as 8-bit images. Images in files always are. */
export function isCut({
  augmentation,
  shortSide,
}: Pick<BatchRequest, "augmentation" | "shortSide">): boolean {
  return shortSide !== undefined || (augmentation !== undefined && augmentations[augmentation.kind].crops);
}

/** Whether the JPEG decoder may reduce images whose crop has pixels to spare. */
export function mayScale({ augmentation }: Pick<BatchRequest, "augmentation">): boolean {
  return augmentation !== undefined && "decode" in augmentation && augmentation.decode === "scaled";
}
