import type { KernelConfig } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

/** Looking up in tables, counting and sorting into bins. */
export const lookup: readonly KernelConfig[] = [
  kernel<{ size: number; binaryOutput: boolean }>(
    "DenseBincount",
    ["x", "weights"],
    ({ size, binaryOutput }) => ({ size, binaryOutput: binaryOutput === true }),
  ),
  kernel<{ size: number }>("Bincount", ["x", "weights"], ({ size }) => ({ size, binaryOutput: false })),
  kernel<{ axis: number; batchDims: number }>(
    "GatherV2",
    ["x", "indices"],
    ({ axis, batchDims = 0 }, { x, indices }) => {
      const axes = axesOf(axis, rankOf(x));
      // For what it throws.
      const { collectGatherOpShapeInfo: shapeOf } = backend_util.segment_util;
      shapeOf(x as never, indices as never, axes[0] ?? 0, batchDims);
      return { axes, batchDims: batchDims < 0 ? batchDims + rankOf(indices) : batchDims };
    },
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
