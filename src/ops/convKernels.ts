import type { Tensor } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";
import type { ConvAttributes } from "../graph/types.js";

const NHWC = { dataFormat: "NHWC", dimRoundingMode: "floor" } as const;

/** `x [batch, height, width, in]` with `filter` HWIO, or `[height, width, channels, 1]` when depthwise. */
export function convForward(x: Tensor, filter: Tensor, attrs: ConvAttributes): Tensor {
  const kernel = attrs.depthwise ? "DepthwiseConv2dNative" : "Conv2D";
  return engine().runKernel(kernel, { x, filter }, { ...geometry(attrs), dilations: [1, 1] }) as Tensor;
}

export function convInputGradient(
  dy: Tensor,
  filter: Tensor,
  attrs: ConvAttributes,
  inputShape: readonly number[],
): Tensor {
  const kernel = attrs.depthwise ? "DepthwiseConv2dNativeBackpropInput" : "Conv2DBackpropInput";
  const geometryOfInput = { ...geometry(attrs), dilations: [1, 1], inputShape: [...inputShape] };
  return engine().runKernel(kernel, { dy, filter }, geometryOfInput) as Tensor;
}

export function convFilterGradient(
  x: Tensor,
  dy: Tensor,
  attrs: ConvAttributes,
  filterShape: readonly number[],
): Tensor {
  const kernel = attrs.depthwise ? "DepthwiseConv2dNativeBackpropFilter" : "Conv2DBackpropFilter";
  const geometryOfFilter = { ...geometry(attrs), dilations: [1, 1], filterShape: [...filterShape] };
  return engine().runKernel(kernel, { x, dy }, geometryOfFilter) as Tensor;
}

function geometry({ stride, padding }: ConvAttributes) {
  return { strides: [stride, stride], pad: padding, ...NHWC };
}
