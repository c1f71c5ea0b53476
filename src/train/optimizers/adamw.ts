import { mul, scalar } from "@tensorflow/tfjs-core";
import { adamStep } from "./adam.js";
import { defineOptimizer, eachOf } from "./types.js";

/**
 * AdamW as PyTorch computes it: θ ← θ·(1 - lr·weightDecay), then a step of Adam along the gradient without
 * weight decay.
 */
export const adamw = defineOptimizer<"adamw">({
  name: "adamw",
  reference: "Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2",
  moments: ["exp_avg", "exp_avg_sq"],
  update: (given, settings, options) =>
    eachOf(given, (one) => {
      const parameter = mul(one.parameter, scalar(1 - settings.lr * settings.weightDecay));
      return adamStep({ ...one, parameter }, one.gradient, settings, options);
    }),
});
