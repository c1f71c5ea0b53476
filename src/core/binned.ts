import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { denseBincount, fill, matMul, reshape, searchSorted, tidy } from "@tensorflow/tfjs-core";

/**
 * For each value, how many of the ascending `edges [n]` lie below it: int32 of the values' shape, 0 to n. A value on an
 * edge is not above it.
 */
export function countBelow(edges: Tensor, values: Tensor): Tensor {
  return tidy(() => {
    const counts = searchSorted(reshape(edges, [1, edges.size]), reshape(values, [1, values.size]), "left");
    return reshape(counts, values.shape);
  });
}

/**
 * Sums `weights` by their bin: float32 `[bins]`. Rows are summed one by one and then together, which keeps float32 accurate
 * over millions of values.
 * @param bin int32 of the weights' shape, 0 to bins - 1
 */
export function sumByBin(bin: Tensor, weights: Tensor, bins: number): Tensor1D {
  return tidy(() => {
    const rows =
      weights.rank < 4 ? (weights.shape[0] ?? 1) : (weights.shape[0] ?? 1) * (weights.shape[1] ?? 1);
    const shape: [number, number] = [rows, weights.size / rows];
    const perRow = denseBincount(reshape(bin, shape) as Tensor2D, reshape(weights, shape) as Tensor2D, bins);
    return reshape(matMul(fill([1, rows], 1), perRow as Tensor2D), [bins]);
  });
}

/** Σ over all values, in the same two stages. */
export function sumAll(values: Tensor): Tensor1D {
  return tidy(() => {
    const rows = values.shape[0] ?? 1;
    const columns = values.size / rows;
    const perRow = matMul(reshape(values, [rows, columns]) as Tensor2D, fill([columns, 1], 1));
    return reshape(matMul(fill([1, rows], 1), perRow as Tensor2D), [1]);
  });
}
