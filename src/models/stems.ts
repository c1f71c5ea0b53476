import type { ResolvedStem } from "../resolve/types.js";

/**
 * Smallest image side for which ImageNet's stem is used. Smaller images get a 3×3 stem with stride 1 and
 * without pooling, as is usual.
 */
const SMALL_IMAGE = 64;

/** Whether images of `[height, width]` pixels are too small for ImageNet's stem. */
export function isSmall(inputSize: readonly [number, number]): boolean {
  return Math.min(...inputSize) < SMALL_IMAGE;
}

/** The 3×3 stem of networks for small images. */
export function smallStem(channels: number): ResolvedStem {
  return { kernel: 3, stride: 1, channels, pool: false };
}
