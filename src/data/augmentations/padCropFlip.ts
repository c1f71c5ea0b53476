import type { AugmentationPart } from "./types.js";

/**
 * Pads images with black pixels, crops them to the original size at a random position, and flips half of
 * them.
 */
export const padCropFlip: AugmentationPart<"pad-crop-flip"> = {
  name: "pad-crop-flip",
  reference: "He et al. 2016, arXiv 1512.03385, section 4.2",
  crops: false,
  vary: ({ padding, horizontalFlip }, { centre, next }) => ({
    view: centre,
    changes: () => {
      const top = Math.floor(next() * (2 * padding + 1)) - padding;
      const left = Math.floor(next() * (2 * padding + 1)) - padding;
      return { window: { top, left, mirrored: horizontalFlip && next() < 0.5 }, colors: [] };
    },
  }),
};
