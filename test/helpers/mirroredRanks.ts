import type { Tensor } from "@tensorflow/tfjs-core";
import { mul, scalar, tidy } from "@tensorflow/tfjs-core";
import type { ProcessGroup } from "../../src/engines/ranks.js";

/**
 * This process as one of `world` ranks with the same part of every batch: sums are multiples of its values,
 * means and broadcasts are its values. @param words keys set by this rank, and keys set by the others
 */
export function mirroredRanks(world: number, words: Set<string> = new Set(), rank = 0): ProcessGroup {
  const copies = (tensors: readonly Tensor[]) => tensors.map((tensor) => tensor.clone());
  return {
    rank,
    world,
    allReduceSum: (tensor) => tidy(() => mul(tensor, scalar(world))),
    broadcast: copies,
    startAllReduceMean: (tensors) => {
      const means = copies(tensors);
      return () => means;
    },
    async set(word) {
      words.add(word);
    },
    has: async (word) => words.has(word),
  };
}
