import type { FillAttrs, RangeAttrs, SliceAttrs } from "@tensorflow/tfjs-core";
import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import { axesOf, rankOf, type Translations } from "../kernel.js";

/** Tensor creation and reshaping. */
export const shapes: Translations = {
  Concat: ({ axis }: { axis: number }, inputs) => {
    const axes = axesOf(axis, rankOf(inputs[0]));
    const shapes = Object.values(inputs).map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, axes[0] ?? 0);
    return { axes };
  },
  ExpandDims: ({ dim }: { dim: number }, { input }) => {
    const shape = [...(input?.shape ?? [])];
    const [axis = 0] = axesOf(dim, shape.length + 1);
    shape.splice(axis, 0, 1);
    return { shape };
  },
  Fill: ({ shape, value, dtype = "float32" }: FillAttrs) => ({ shape, value: Number(value), dtype }),
  Pack: ({ axis }: { axis: number }, inputs) => {
    const types = new Set(Object.values(inputs).map(({ dtype }) => dtype));
    util.assert(types.size === 1, () => `tensors of ${[...types].join(" and ")} cannot be stacked`);
    return { axes: axesOf(axis, rankOf(inputs[0]) + 1) };
  },
  Range: ({ start, stop, step: given, dtype }: RangeAttrs) => {
    // tfjs counts down if no step is given.
    const step = given === 1 && stop < start ? -1 : given;
    return { start, step, dtype, count: Math.max(0, Math.ceil((stop - start) / step)) };
  },
  Slice: ({ begin: from, size: much }: SliceAttrs, { x }) => {
    const [begin = [], size = []] = slice_util.parseSliceParams(x as never, from, much);
    return { begin, size };
  },
};
