import { availableParallelism } from "node:os";

/** Pixels of an image where the experiment says nothing; the schema shows the same. ImageNet's largest has 61 million. */
export const MOST_PIXELS = 64_000_000;
const MOST_THREADS = 16;

/** How many images are decoded at a time where the experiment says nothing. */
export function usualThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}
