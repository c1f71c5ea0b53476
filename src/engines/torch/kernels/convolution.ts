import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type ConvAttributes, convolutionOf, geometryIn, paddingOf } from "../../geometry.js";
import type { Attributes } from "../binding.js";
import type { Translations } from "../kernel.js";

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

export const convolution: Translations = {
  ...family("Conv2D", false),
  ...family("DepthwiseConv2dNative", true),
};
