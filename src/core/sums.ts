import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { primitives } from "../overrides.js";

/*
 * Sums are primitives of the engine, because a sum computed as a matmul with ones would have the matmul
 * precision of the layers (`training.precision`). Sums are always float32: short partial sums are computed
 * first, then their sum.
 */

/**
 * Sums `[batch, height, width, channels]` or `[rows, channels]` to `[channels]`, first per image, then over
 * the batch.
 */
export function sumToChannels(x: Tensor): Tensor1D {
  return primitives().sumToChannels(x);
}

/**
 * The sum of all values, `[1]`: first per row (a line of an image, a row of a matrix), then over the rows.
 */
export function sumAll(x: Tensor): Tensor1D {
  return primitives().sumAll(x);
}

/** Number of rows (lines of images, rows of a matrix), each short enough for a float32 sum. */
export function rowsOf({ rank, shape }: Tensor): number {
  const [first = 1, second = 1] = shape;
  if (rank < 2) return 1;
  return rank < 4 ? first : first * second;
}
