import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import { kernel } from "../kernel.js";
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

/** Forward, gradient of the input and gradient of the filter. */
function family(prefix: string, depthwise: boolean): KernelConfig[] {
  return [
    kernel<ConvAttributes>(prefix, ["x", "filter"], (attrs, { x, filter }) =>
      walk(shapeOf(x), shapeOf(filter), attrs, depthwise),
    ),
    kernel<ConvAttributes & { inputShape: number[] }>(
      `${prefix}BackpropInput`,
      ["dy", "filter"],
      (attrs, { filter }) => ({
        ...walk(attrs.inputShape, shapeOf(filter), attrs, depthwise),
        inputShape: attrs.inputShape,
      }),
    ),
    kernel<ConvAttributes & { filterShape: number[] }>(
      `${prefix}BackpropFilter`,
      ["x", "dy"],
      (attrs, { x }) => ({
        ...walk(shapeOf(x), attrs.filterShape, attrs, depthwise),
        filterShape: attrs.filterShape,
      }),
    ),
  ];
}

interface FusedAttributes {
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

/** What follows a product in one kernel. */
export function finish(
  { activation, leakyreluAlpha = 0.2 }: FusedAttributes,
  bias: TensorInfo | undefined,
): Attributes {
  return { activation, leakyreluAlpha, biased: bias !== undefined };
}

function fused(name: string, depthwise: boolean): KernelConfig {
  const inputs = ["x", "filter", "bias", "preluActivationWeights"];
  return kernel<ConvAttributes & FusedAttributes>(name, inputs, (attrs, { x, filter, bias }) => ({
    ...walk(shapeOf(x), shapeOf(filter), attrs, depthwise),
    ...finish(attrs, bias),
  }));
}

export const convolution: readonly KernelConfig[] = [
  ...family("Conv2D", false),
  ...family("DepthwiseConv2dNative", true),
  fused("FusedConv2D", false),
  fused("FusedDepthwiseConv2D", true),
];
