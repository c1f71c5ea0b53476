import type { KernelConfig } from "@tensorflow/tfjs-core";
import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

/** Making tensors, and giving them another shape. */
export const shapes: readonly KernelConfig[] = [
  kernel<{ axis: number }>("Concat", undefined, ({ axis }, inputs) => {
    const axes = axesOf(axis, rankOf(inputs[0]));
    const shapes = Object.values(inputs).map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, axes[0] ?? 0);
    return { axes };
  }),
  kernel<{ dim: number }>("ExpandDims", ["input"], ({ dim }, { input }) => {
    const shape = [...(input?.shape ?? [])];
    const [axis = 0] = axesOf(dim, shape.length + 1);
    shape.splice(axis, 0, 1);
    return { shape };
  }),
  kernel<{ shape: number[]; value: number | boolean; dtype?: string }>(
    "Fill",
    [],
    ({ shape, value, dtype = "float32" }) => ({ shape, value: Number(value), dtype }),
  ),
  kernel<{ axis: number }>("Pack", undefined, ({ axis }, inputs) => {
    const types = new Set(Object.values(inputs).map(({ dtype }) => dtype));
    util.assert(types.size === 1, () => `tensors of ${[...types].join(" and ")} cannot be stacked`);
    return { axes: axesOf(axis, rankOf(inputs[0]) + 1) };
  }),
  kernel<{ paddings: [number, number][]; constantValue: number }>(
    "PadV2",
    ["x"],
    ({ paddings, constantValue }) => ({ paddings: [...paddings].reverse().flat(), constantValue }),
  ),
  kernel<{ start: number; stop: number; step: number; dtype: string }>(
    "Range",
    [],
    ({ start, stop, step: given, dtype }) => {
      // tfjs counts down where no step was given.
      const step = given === 1 && stop < start ? -1 : given;
      return { start, step, dtype, count: Math.max(0, Math.ceil((stop - start) / step)) };
    },
  ),
  kernel<{ shape: number[] }>("Reshape", ["x"], ({ shape }) => ({ shape })),
  kernel<{ dims: number | number[] }>("Reverse", ["x"], ({ dims }, { x }) => ({
    axes: axesOf(dims, rankOf(x)),
  })),
  kernel<{ begin: number | number[]; size: number | number[] }>(
    "Slice",
    ["x"],
    ({ begin: from, size: much }, { x }) => {
      const [begin = [], size = []] = slice_util.parseSliceParams(x as never, from, much);
      return { begin, size };
    },
  ),
  kernel<{ reps: number[] }>("Tile", ["x"], ({ reps }) => ({ reps })),
  kernel<{ perm: number[] }>("Transpose", ["x"], ({ perm }) => ({ perm })),
  kernel<{ axis: number }>(
    "Unpack",
    ["value"],
    ({ axis }, { value }) => ({ axes: axesOf(axis, rankOf(value)) }),
    "list",
  ),
];
