import type { Changes } from "../augmentations/types.js";
import type { ImageShape } from "../types.js";
import { changeColors } from "./jitter.js";
import { normalizeImages, type Values } from "./normalize.js";

/**
 * Changes a view's pixels in place and writes them, normalized, to their position in a batch. @param values
 * see `standardValues` and `pixelValues` @param copies how often each channel is repeated
 */
export function finish(
  pixels: Uint8Array,
  shape: ImageShape,
  { window, colors }: Changes,
  values: Values,
  target: Values,
  copies = 1,
): void {
  changeColors(pixels, colors, shape.channels);
  normalizeImages(pixels, shape, values, window, target, copies);
}
