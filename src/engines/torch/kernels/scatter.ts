import type { KernelConfig } from "@tensorflow/tfjs-core";
import { axesOf, kernel, rankOf } from "../kernel.js";

/** Elements by their coordinates, in order, without repetition, or by chance. */
export const scatter: readonly KernelConfig[] = [
  kernel("GatherNd", ["params", "indices"]),
  kernel<{ shape: number[] }>("ScatterNd", ["indices", "updates"], ({ shape }) => ({ shape })),
  kernel("TensorScatterUpdate", ["tensor", "indices", "updates"]),
  kernel<{ outputShape: number[] }>(
    "SparseToDense",
    ["sparseIndices", "sparseValues", "defaultValue"],
    ({ outputShape }) => ({ outputShape }),
  ),
  kernel<{ k: number }>("TopK", ["x"], ({ k }) => ({ k }), "list"),
  kernel<{ axis: number }>("Unique", ["x"], ({ axis }, { x }) => ({ axes: axesOf(axis, rankOf(x)) }), "list"),
  kernel<{ numSamples: number; seed: number; normalized: boolean }>(
    "Multinomial",
    ["logits"],
    ({ numSamples, seed, normalized }) => ({
      numSamples,
      normalized,
      // tfjs's seeds are fractions where it makes them itself.
      seed: Math.floor(Math.abs(seed) < 1 ? Math.abs(seed) * 2 ** 32 : Math.abs(seed)),
    }),
  ),
];
