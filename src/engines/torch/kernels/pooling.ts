import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import { kernel } from "../kernel.js";
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

interface Neighbours {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}
const neighbours = ({ depthRadius, bias, alpha, beta }: Neighbours) => ({ depthRadius, bias, alpha, beta });

export const pooling: readonly KernelConfig[] = [
  ...["MaxPool", "AvgPool"].flatMap((name) => [
    kernel<PoolAttributes>(name, ["x"], (attrs, { x }) => pool(attrs, x)),
    kernel<PoolAttributes>(`${name}Grad`, ["dy", "input"], (attrs, { input }) => pool(attrs, input)),
  ]),
  kernel<PoolAttributes & { includeBatchInIndex: boolean }>(
    "MaxPoolWithArgmax",
    ["x"],
    (attrs, { x }) => ({ ...pool(attrs, x), includeBatchInIndex: attrs.includeBatchInIndex }),
    "list",
  ),
  kernel<Neighbours>("LRN", ["x"], neighbours),
  kernel<Neighbours>("LRNGrad", ["dy", "x", "y"], neighbours),
];
