import { randomCrop, viewOf } from "../images/crop.js";
import { drawColors } from "../images/jitter.js";
import { STILL } from "../images/normalize.js";
import type { AugmentationPart } from "./types.js";

/**
 * Crops a random region, resizes it to the network's input size, flips half of the images and changes their
 * colors.
 */
export const randomResizedCrop: AugmentationPart<"random-resized-crop"> = {
  name: "random-resized-crop",
  reference: "Szegedy et al. 2015, arXiv 1409.4842, section 6; as torchvision's RandomResizedCrop",
  crops: true,
  vary: (options, { size, next }) => ({
    view: (own) => viewOf(randomCrop(own, options, next), size),
    changes: () => {
      const mirrored = options.horizontalFlip && next() < 0.5;
      return { window: { ...STILL, mirrored }, colors: drawColors(options.colorJitter, next) };
    },
  }),
};
