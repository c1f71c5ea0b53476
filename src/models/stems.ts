import type { ResolvedStem } from "../resolve/types.js";

/** Smallest image size of ImageNet's stem. Smaller images get the usual 3×3/1 stem without pooling. */
const SMALL_IMAGE = 64;

/** Whether images of `[height, width]` pixels are too small for ImageNet's stem. */
export function isSmall(inputSize: readonly [number, number]): boolean {
  return Math.min(...inputSize) < SMALL_IMAGE;
}

/** The 3×3 stem of networks for small images. */
export function smallStem(channels: number): ResolvedStem {
  return { kernel: 3, stride: 1, channels, pool: false };
}
