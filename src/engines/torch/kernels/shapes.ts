import type { KernelConfig } from "@tensorflow/tfjs-core";
import { slice_util } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

/** Making tensors, and giving them another shape. */
export const shapes: readonly KernelConfig[] = [
  kernel<{ axis: number }>("Concat", undefined, ({ axis }, inputs) => ({
    axes: axesOf(axis, rankOf(inputs[0])),
  })),
  kernel<{ dim: number }>("ExpandDims", ["input"], ({ dim }, { input }) => {
    const shape = [...(input?.shape ?? [])];
    shape.splice(dim < 0 ? shape.length + dim + 1 : dim, 0, 1);
    return { shape };
  }),
  kernel<{ shape: number[]; value: number | boolean; dtype?: string }>(
    "Fill",
    [],
    ({ shape, value, dtype = "float32" }) => ({ shape, value: Number(value), dtype }),
  ),
  kernel<{ axis: number }>("Pack", undefined, ({ axis }, inputs) => ({
    axes: axesOf(axis, rankOf(inputs[0]) + 1),
  })),
  kernel<{ paddings: [number, number][]; constantValue: number }>(
    "PadV2",
    ["x"],
    ({ paddings, constantValue }) => ({ paddings: [...paddings].reverse().flat(), constantValue }),
  ),
  kernel<{ start: number; stop: number; step: number; dtype: string }>(
    "Range",
    [],
    ({ start, stop, step, dtype }) => ({
      start,
      step,
      dtype,
      count: Math.max(0, Math.ceil((stop - start) / step)),
    }),
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
