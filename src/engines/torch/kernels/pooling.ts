import type { TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import type { Translations } from "../kernel.js";
import { reachedBehind } from "../windows.js";

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function pool(
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
  images: TensorInfo | undefined,
): Attributes {
  const shape = [...(images?.shape ?? [])] as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return {
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: reachedBehind(info, info.filterHeight, info.filterWidth),
  };
}

export const pooling: Translations = {
  MaxPool: (attrs: PoolAttributes, { x }) => pool(attrs, x),
  MaxPoolGrad: (attrs: PoolAttributes, { input }) => pool(attrs, input),
};
