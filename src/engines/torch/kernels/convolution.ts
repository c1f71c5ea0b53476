import type { TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import type { Translations } from "../kernel.js";
import { reachedBehind } from "../windows.js";

type Shape4D = [number, number, number, number];

interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof backend_util.computeConv2DInfo>[4];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
}

function walk(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dimRoundingMode, dataFormat = "NHWC", dilations }: ConvAttributes,
  depthwise: boolean,
): Attributes {
  const info = backend_util.computeConv2DInfo(
    [...inputShape] as Shape4D,
    [...filterShape] as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(dataFormat),
  );
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padding: reachedBehind(info, info.effectiveFilterHeight, info.effectiveFilterWidth),
    channelsFirst: dataFormat === "NCHW",
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

export const convolution: Translations = {
  ...family("Conv2D", false),
  ...family("DepthwiseConv2dNative", true),
};
