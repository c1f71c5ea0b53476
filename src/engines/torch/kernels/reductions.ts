import type { KernelConfig } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

interface Reduction {
  /** Null: all axes. */
  readonly axis?: number | number[] | null;
  /** What tfjs calls the axes of the maximum. */
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims?: boolean;
}

export const reductions: readonly KernelConfig[] = [
  ...["All", "Any", "Max", "Mean", "Min", "Prod", "Sum"].map((name) =>
    kernel<Reduction>(name, ["x"], ({ axis, reductionIndices, keepDims = false }, { x }) => ({
      axes: axesOf(axis ?? reductionIndices, rankOf(x)),
      keepDims,
    })),
  ),
  ...["ArgMax", "ArgMin"].map((name) =>
    kernel<{ axis: number }>(name, ["x"], ({ axis }, { x }) => ({ axes: axesOf(axis, rankOf(x)) })),
  ),
  ...["Cumsum", "Cumprod"].map((name) =>
    kernel<{ axis: number; exclusive: boolean; reverse: boolean }>(
      name,
      ["x"],
      ({ axis, exclusive, reverse }, { x }) => ({ axes: axesOf(axis, rankOf(x)), exclusive, reverse }),
    ),
  ),
  kernel("Softmax", ["logits"]),
];
