import { backend_util } from "@tensorflow/tfjs-core";
import { axesOf, rankOf, type Translations } from "../kernel.js";

export const lookup: Translations = {
  GatherV2: ({ axis, batchDims = 0 }: { axis: number; batchDims?: number }, { x, indices }) => {
    const axes = axesOf(axis, rankOf(x));
    // Called for its validation errors.
    const { collectGatherOpShapeInfo: shapeOf } = backend_util.segment_util;
    shapeOf(x as never, indices as never, axes[0] ?? 0, batchDims);
    return { axes, batchDims: batchDims < 0 ? batchDims + rankOf(indices) : batchDims };
  },
};
