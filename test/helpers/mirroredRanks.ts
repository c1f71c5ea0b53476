import type { Tensor } from "@tensorflow/tfjs-core";
import { mul, scalar, tidy } from "@tensorflow/tfjs-core";
import type { Ranks } from "../../src/engines/ranks.js";

/**
 * This process as one of `world` ranks that all have the same part of every batch: sums are so many times its own, means and
 * broadcasts are its own values.
 * @param words what the others are told, and what they have told
 */
export function mirroredRanks(world: number, words: Set<string> = new Set(), rank = 0): Ranks {
  const copies = (tensors: readonly Tensor[]) => tensors.map((tensor) => tensor.clone());
  return {
    rank,
    world,
    sum: (tensor) => tidy(() => mul(tensor, scalar(world))),
    broadcast: copies,
    startMean: (tensors) => {
      const means = copies(tensors);
      return () => means;
    },
    async tell(word) {
      words.add(word);
    },
    told: async (word) => words.has(word),
  };
}
