import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { primitives } from "../overrides.js";
import { rowsOf, sumToChannels } from "./sums.js";

/**
 * For each value, the number of ascending `edges [n]` below it: int32 of the values' shape, 0 to n. An edge
 * that equals the value is not counted.
 */
export function countBelow(edges: Tensor, values: Tensor): Tensor {
  return tf.tidy(() => primitives().countBelow(edges, values));
}

/**
 * Sums `weights` per bin: float32 `[bins]`. Sums within each row first and then over the rows, so that
 * float32 stays accurate for millions of values. @param bin int32 of the weights' shape, 0 to bins - 1
 */
export function sumByBin(bin: Tensor, weights: Tensor, bins: number): Tensor1D {
  return tf.tidy(() => sumToChannels(sumRowsByBin(bin, weights, bins)));
}

/**
 * The first stage of `sumByBin`: sums per row and bin, float32 `[rows, bins]`. With weights of 1 these are
 * exact counts.
 */
export function sumRowsByBin(bin: Tensor, weights: Tensor, bins: number): Tensor2D {
  return tf.tidy(() => {
    const rows = rowsOf(weights);
    const shape: [number, number] = [rows, weights.size / rows];
    const [bin2d, weights2d] = [tf.reshape(bin, shape) as Tensor2D, tf.reshape(weights, shape) as Tensor2D];
    return primitives().sumRowsByBin(bin2d, weights2d, bins);
  });
}
