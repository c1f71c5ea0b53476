import type { KernelConfig } from "@tensorflow/tfjs-core";
import { backend_util, slice_util } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

interface StridedSlice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Parts of tensors, and elements in another order. */
export const spaces: readonly KernelConfig[] = [
  kernel<{ numOrSizeSplits: number[] | number; axis: number }>(
    "SplitV",
    ["x"],
    ({ numOrSizeSplits, axis }, { x }) => {
      const axes = axesOf(axis, rankOf(x));
      return { axes, sizes: backend_util.prepareSplitSize(x as never, numOrSizeSplits, axes[0]) };
    },
    "list",
  ),
  kernel<StridedSlice>("StridedSlice", ["x"], (attrs, { x }) => {
    const { begin, end, strides, finalShape } = slice_util.sliceInfo(
      x?.shape ?? [],
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    return { begin, strides, counts: slice_util.computeOutShape(begin, end, strides), shape: finalShape };
  }),
  kernel<{ paddings: [number, number][]; mode: string }>("MirrorPad", ["x"], ({ paddings, mode }) => ({
    paddings: paddings.flat(),
    mode,
  })),
  kernel<{ blockShape: number[]; paddings: number[][] }>(
    "SpaceToBatchND",
    ["x"],
    ({ blockShape, paddings }, { x }) => {
      const behind = rankOf(x) - 1 - blockShape.length;
      const all = [[0, 0], ...paddings, ...Array.from({ length: behind }, () => [0, 0])];
      return { blockShape, paddings: all.reverse().flat() };
    },
  ),
  kernel<{ blockShape: number[]; crops: number[][] }>("BatchToSpaceND", ["x"], ({ blockShape, crops }) => ({
    blockShape,
    crops: crops.flat(),
  })),
  kernel<{ blockSize: number; dataFormat: string }>("DepthToSpace", ["x"], ({ blockSize, dataFormat }) => ({
    blockSize,
    channelsFirst: dataFormat === "NCHW",
  })),
  kernel("Diag", ["x"]),
  kernel("BroadcastArgs", ["s0", "s1"]),
  kernel<{ start: number; stop: number; num: number }>("LinSpace", [], ({ start, stop, num }) => ({
    start,
    stop,
    num,
  })),
];
