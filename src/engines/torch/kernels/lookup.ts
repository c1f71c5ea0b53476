import type { KernelConfig } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

/** Looking up in tables, counting and sorting into bins. */
export const lookup: readonly KernelConfig[] = [
  kernel<{ size: number; binaryOutput: boolean }>(
    "DenseBincount",
    ["x", "weights"],
    ({ size, binaryOutput }) => ({ size, binaryOutput: binaryOutput === true }),
  ),
  kernel<{ axis: number; batchDims: number }>(
    "GatherV2",
    ["x", "indices"],
    ({ axis, batchDims = 0 }, { x }) => ({ axes: axesOf(axis, rankOf(x)), batchDims }),
  ),
  kernel<{ dtype: string; depth: number; onValue: number; offValue: number }>(
    "OneHot",
    ["indices"],
    ({ dtype, depth, onValue, offValue }) => ({ dtype, depth, onValue, offValue }),
  ),
  kernel<{ side: "left" | "right" }>("SearchSorted", ["sortedSequence", "values"], ({ side }) => ({ side })),
  kernel<{ numSegments: number }>("UnsortedSegmentSum", ["x", "segmentIds"], ({ numSegments }) => ({
    numSegments,
  })),
];
