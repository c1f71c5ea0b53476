import { add, div, mul, scalar, sqrt, square, sub, type Tensor } from "@tensorflow/tfjs-core";
import { blend, defineOptimizer, eachOf, type Given, type StepSettings, withPenalty } from "./types.js";

/**
 * Adam as PyTorch computes it, with L2 weight decay in the gradient:
 * m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g², θ ← θ - lr/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε).
 */
export const adam = defineOptimizer<"adam">({
  name: "adam",
  reference: "Kingma & Ba 2015, arXiv 1412.6980, algorithm 1",
  moments: ["exp_avg", "exp_avg_sq"],
  update: (given, settings, options) =>
    eachOf(given, (one) => adamStep(one, withPenalty(one, settings.weightDecay), settings, options)),
});

/** One step of Adam along a gradient. */
export function adamStep(
  { parameter, state: { exp_avg, exp_avg_sq } }: Given,
  gradient: Tensor,
  { lr, step }: StepSettings,
  { betas: [beta1, beta2], epsilon }: { readonly betas: readonly [number, number]; readonly epsilon: number },
): { parameter: Tensor; exp_avg: Tensor; exp_avg_sq: Tensor } {
  const m = blend(exp_avg, gradient, beta1);
  const v = blend(exp_avg_sq, square(gradient), beta2);
  const denominator = add(mul(sqrt(v), scalar(1 / Math.sqrt(1 - beta2 ** step))), scalar(epsilon));
  const move = mul(div(m, denominator), scalar(lr / (1 - beta1 ** step)));
  return { parameter: sub(parameter, move), exp_avg: m, exp_avg_sq: v };
}
