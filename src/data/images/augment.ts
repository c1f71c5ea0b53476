import { stream } from "../../random.js";
import type { BatchRequest, ImageShape, PadCropFlip } from "../types.js";
import { centreView, randomCrop, viewOf } from "./crop.js";
import type { View } from "./decode.js";
import type { ColorChanges } from "./jitter.js";
import { changeColors, drawColors } from "./jitter.js";
import type { Size } from "./resample.js";
import type { Window } from "./standardise.js";
import { STILL, standardise } from "./standardise.js";

/** Pixel changes applied to a view. */
export interface Changes {
  readonly window: Window;
  readonly colors: ColorChanges;
}

/**
 * The augmentation of one image, in memory or in a file. Draws are made in order: call `view` first, once.
 */
export interface Variation {
  /** The region taken from an image of this size, and the size it is resized to. */
  view(own: Size): View;
  changes(): Changes;
}

const UNCHANGED: Changes = { window: STILL, colors: [] };

/**
 * Draws from seed, epoch and image index only, so that other images and earlier batches have no influence.
 * @param size the network's input size
 */
export function variationOf(
  { augmentation, shortSide, seed, epoch }: Omit<BatchRequest, "onUnreadable">,
  size: Size,
  number: number,
): Variation {
  const short = shortSide ?? Math.max(size.width, size.height);
  const centre = (own: Size) => centreView(own, short, size);
  if (augmentation === undefined) return { view: centre, changes: () => UNCHANGED };
  const next = stream(seed, `augment/${epoch}/${number}`);
  if (augmentation.kind === "pad-crop-flip") {
    return { view: centre, changes: () => ({ window: drawWindow(augmentation, next), colors: [] }) };
  }
  return {
    view: (own) => viewOf(randomCrop(own, augmentation, next), size),
    changes: () => {
      const mirrored = augmentation.horizontalFlip && next() < 0.5;
      return {
        window: { ...STILL, mirrored },
        colors: drawColors(augmentation.colorJitter, next),
      };
    },
  };
}

/** The crop position after padding the image with `padding` black pixels. */
function drawWindow({ padding, horizontalFlip }: PadCropFlip, next: () => number): Window {
  const top = Math.floor(next() * (2 * padding + 1)) - padding;
  const left = Math.floor(next() * (2 * padding + 1)) - padding;
  return { top, left, mirrored: horizontalFlip && next() < 0.5 };
}

/**
 * Changes a view's pixels in place and writes them, normalized, to their position in a batch. @param values
 * see `standardValues` @param copies how often each channel is repeated
 */
export function finish(
  pixels: Uint8Array,
  shape: ImageShape,
  { window, colors }: Changes,
  values: Float32Array,
  target: Float32Array,
  copies = 1,
): void {
  changeColors(pixels, colors, shape.channels);
  standardise(pixels, shape, values, window, target, copies);
}
