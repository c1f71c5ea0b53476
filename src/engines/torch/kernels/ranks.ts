import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Attributes } from "../binding.js";
import { kernel } from "../kernel.js";

const names = [
  ...["RanksMeet", "RanksTell", "RanksTold", "RanksJoin", "RanksAnswer"],
  ...["RanksStart", "RanksWait", "RanksLeave"],
];

/** Processes that train together: they meet, join, and put tensors together. */
export const ranks: readonly KernelConfig[] = names.map((name) =>
  kernel<Attributes>(name, undefined, (attributes) => attributes, "list"),
);
