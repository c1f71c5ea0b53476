import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  denseBincount,
  getBackend,
  getKernel,
  greater,
  mul,
  range,
  reshape,
  scalar,
  searchSorted,
  slice,
  tidy,
  unsortedSegmentSum,
  zeros,
} from "@tensorflow/tfjs-core";
import { rowsOf, sumToChannels } from "./sums.js";

/**
 * For each value, how many of the ascending `edges [n]` lie below it: int32 of the values' shape, 0 to n. A value on an
 * edge is not above it. A backend without tfjs's search counts edge by edge.
 */
export function countBelow(edges: Tensor, values: Tensor): Tensor {
  return tidy(() => {
    if (!has("SearchSorted")) return countEdgeByEdge(edges, values);
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
  return tidy(() => sumToChannels(sumRowsByBin(bin, weights, bins)));
}

/** The first of the two stages: float32 `[rows, bins]`. With weights of 1 these are exact counts. */
export function sumRowsByBin(bin: Tensor, weights: Tensor, bins: number): Tensor2D {
  return tidy(() => {
    const rows = rowsOf(weights);
    const shape: [number, number] = [rows, weights.size / rows];
    const [bin2d, weights2d] = [reshape(bin, shape) as Tensor2D, reshape(weights, shape) as Tensor2D];
    const perRow = has("DenseBincount")
      ? denseBincount(bin2d, weights2d, bins)
      : sumBySegment(bin2d, weights2d, bins);
    return perRow as Tensor2D;
  });
}

function has(kernel: string): boolean {
  return getKernel(kernel, getBackend()) !== undefined;
}

function countEdgeByEdge(edges: Tensor, values: Tensor): Tensor {
  let counts: Tensor = zeros(values.shape, "int32");
  for (let edge = 0; edge < edges.size; edge++) {
    const before = counts;
    counts = tidy(() => add(before, cast(greater(values, slice(edges, [edge], [1])), "int32")));
    before.dispose();
  }
  return counts;
}

/** What denseBincount gives for rows, with bins that are numbered on from row to row. */
function sumBySegment(bin: Tensor2D, weights: Tensor2D, bins: number): Tensor {
  const [rows] = bin.shape;
  const first = mul(range(0, rows, 1, "int32"), scalar(bins, "int32"));
  const segments = reshape(add(bin, reshape(first, [rows, 1])), [bin.size]) as Tensor1D;
  return reshape(unsortedSegmentSum(reshape(weights, [bin.size]), segments, rows * bins), [rows, bins]);
}
