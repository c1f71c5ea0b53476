import type { FillAttrs, RangeAttrs, SliceAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import type { ConvAttributes, PoolAttributes } from "../geometry.js";
import { convolutionOf, geometryIn, paddingOf, poolingOf } from "../geometry.js";
import type { Reduction } from "../kernels.js";
import type { Attributes } from "./binding.js";
import { axesOf, rankOf, type Translate, type Translations } from "./kernel.js";

function walk(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttributes,
  depthwise: boolean,
): Attributes {
  const info = convolutionOf(inputShape, filterShape, attrs, depthwise);
  const { top, bottom, left, right } = paddingOf(geometryIn(info));
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padding: [top, bottom, left, right],
    channelsFirst: attrs.dataFormat === "NCHW",
  };
}

function shapeOf(input: TensorInfo | undefined): readonly number[] {
  return input?.shape ?? [];
}

/** Forward, input gradient and filter gradient. */
function family(prefix: string, depthwise: boolean): Translations {
  return {
    [prefix]: (attrs: ConvAttributes, { x, filter }) => walk(shapeOf(x), shapeOf(filter), attrs, depthwise),
    [`${prefix}BackpropInput`]: (attrs: ConvAttributes & { inputShape: number[] }, { filter }) => ({
      ...walk(attrs.inputShape, shapeOf(filter), attrs, depthwise),
      inputShape: attrs.inputShape,
    }),
    [`${prefix}BackpropFilter`]: (attrs: ConvAttributes & { filterShape: number[] }, { x }) => ({
      ...walk(shapeOf(x), attrs.filterShape, attrs, depthwise),
      filterShape: attrs.filterShape,
    }),
  };
}

/** Three parameters of RPReLU and those of a quantizer; either group may be absent. */
const partsOf: Translate = (attrs: Attributes, { bias1, start }: Readonly<Record<string, TensorInfo>>) => ({
  ...attrs,
  rectifies: bias1 !== undefined,
  quantizes: start !== undefined,
});

function pool(attrs: PoolAttributes, images: TensorInfo | undefined): Attributes {
  const geometry = poolingOf(images?.shape ?? [], attrs);
  const { top, bottom, left, right } = paddingOf(geometry);
  return {
    window: [geometry.kernelHeight, geometry.kernelWidth],
    strides: [geometry.strideY, geometry.strideX],
    padding: [top, bottom, left, right],
  };
}

const reduction: Translate = ({ axis, reductionIndices, keepDims = false }: Reduction, { x }) => ({
  axes: axesOf(axis ?? reductionIndices, rankOf(x)),
  keepDims,
});

const along: Translate = ({ axis, ...others }: { axis: number }, { x }) => ({
  ...others,
  axes: axesOf(axis, rankOf(x)),
});

/** Kernels of the addon whose attributes differ from tfjs's. */
export const translations: Translations = {
  ...family("Conv2D", false),
  ...family("DepthwiseConv2dNative", true),
  ActivationChain: partsOf,
  ActivationChainGradient: partsOf,
  LevelQuantize: partsOf,
  LevelQuantizeGradient: partsOf,
  UniformQuantize: partsOf,
  UniformQuantizeGradient: partsOf,
  FusedBatchNorm: ({ varianceEpsilon }: { varianceEpsilon: number }, { scale, offset }) => ({
    varianceEpsilon,
    scaled: scale !== undefined,
    shifted: offset !== undefined,
  }),
  GatherV2: ({ axis, batchDims = 0 }: { axis: number; batchDims?: number }, { x, indices }) => {
    const axes = axesOf(axis, rankOf(x));
    // Called for its validation errors.
    const { collectGatherOpShapeInfo: shapeOf } = backend_util.segment_util;
    shapeOf(x as never, indices as never, axes[0] ?? 0, batchDims);
    return { axes, batchDims: batchDims < 0 ? batchDims + rankOf(indices) : batchDims };
  },
  MaxPool: (attrs: PoolAttributes, { x }) => pool(attrs, x),
  MaxPoolGrad: (attrs: PoolAttributes, { input }) => pool(attrs, input),
  ...Object.fromEntries(["All", "Any", "Max", "Mean", "Min", "Sum"].map((name) => [name, reduction])),
  ArgMax: along,
  ArgMin: along,
  Cumsum: along,
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
