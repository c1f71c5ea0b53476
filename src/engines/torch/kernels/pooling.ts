import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type PoolAttributes, paddingOf, poolingOf } from "../../geometry.js";
import type { Attributes } from "../binding.js";
import type { Translations } from "../kernel.js";

function pool(attrs: PoolAttributes, images: TensorInfo | undefined): Attributes {
  const geometry = poolingOf(images?.shape ?? [], attrs);
  const { top, bottom, left, right } = paddingOf(geometry);
  return {
    window: [geometry.kernelHeight, geometry.kernelWidth],
    strides: [geometry.strideY, geometry.strideX],
    padding: [top, bottom, left, right],
  };
}

export const pooling: Translations = {
  MaxPool: (attrs: PoolAttributes, { x }) => pool(attrs, x),
  MaxPoolGrad: (attrs: PoolAttributes, { input }) => pool(attrs, input),
};
