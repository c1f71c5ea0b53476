import { add, mul, scalar, sub } from "@tensorflow/tfjs-core";
import { defineOptimizer, eachOf, withPenalty } from "./types.js";

/**
 * SGD with momentum as PyTorch computes it: b ← μb + g (b = g at first), θ ← θ - lr·b, or lr·(g + μb) with
 * Nesterov momentum.
 */
export const sgd = defineOptimizer<"sgd">({
  name: "sgd",
  reference: "Sutskever et al. 2013, equations 1-4, in the form of PyTorch's SGD",
  moments: ["momentum_buffer"],
  update: (given, { lr, weightDecay }, { momentum, nesterov }) =>
    eachOf(given, (one) => {
      const g = withPenalty(one, weightDecay);
      const { momentum_buffer } = one.state;
      const b = momentum_buffer === undefined ? g.clone() : add(mul(momentum_buffer, scalar(momentum)), g);
      const move = nesterov ? add(g, mul(b, scalar(momentum))) : b;
      return { parameter: sub(one.parameter, mul(move, scalar(lr))), momentum_buffer: b };
    }),
});
