import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { ConvAttributes } from "../../geometry.js";
import { geometryOf } from "../../geometry.js";
import type { Attributes } from "../binding.js";
import { kernel } from "../kernel.js";

type Shape4D = [number, number, number, number];

/** Lines after the last that a window reaches, `before` it the first. */
function after(steps: number, stride: number, window: number, length: number, before: number): number {
  return Math.max(0, (steps - 1) * stride + window - length - before);
}

function walk(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttributes,
  depthwise: boolean,
): Attributes {
  const g = geometryOf(inputShape, filterShape, attrs, depthwise);
  const bottom = after(g.outHeight, g.strideY, g.kernelHeight, g.height, g.padTop);
  const right = after(g.outWidth, g.strideX, g.kernelWidth, g.width, g.padLeft);
  return { strides: [g.strideY, g.strideX], padding: [g.padTop, bottom, g.padLeft, right] };
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

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function pool({ filterSize, strides, pad, dimRoundingMode }: PoolAttributes, shape: readonly number[]) {
  const info = backend_util.computePool2DInfo(
    [...shape] as Shape4D,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, left } = info.padInfo;
  const bottom = after(info.outHeight, info.strideHeight, info.filterHeight, info.inHeight, top);
  const right = after(info.outWidth, info.strideWidth, info.filterWidth, info.inWidth, left);
  return {
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: [top, bottom, left, right],
  };
}

export const convolution: readonly KernelConfig[] = [
  ...family("Conv2D", false),
  ...family("DepthwiseConv2dNative", true),
  kernel<PoolAttributes>("MaxPool", ["x"], (attrs, { x }) => pool(attrs, shapeOf(x))),
  kernel<PoolAttributes>("MaxPoolGrad", ["dy", "input"], (attrs, { input }) => pool(attrs, shapeOf(input))),
];
