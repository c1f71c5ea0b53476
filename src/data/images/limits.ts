import { availableParallelism } from "node:os";

/**
 * Default maximum of pixels per image, the same as in the schema. ImageNet's largest image has 61 million.
 */
export const MOST_PIXELS = 64_000_000;
const MOST_THREADS = 16;

/** Default number of images decoded concurrently. */
export function usualThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}
