import { div, mul, reshape, scalar, slice, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { intervalGradients, thresholds } from "../../core/n2uqActivation.js";
import { parameterOf, savedAt, steps } from "../../core/quantizer.js";
import { sumAll } from "../../core/sums.js";
import type { Overrides, SideOverrides } from "../../overrides.js";
import { prelu, relu } from "../overrides/activations.js";
import { adamOfEach } from "../overrides/adam.js";
import { batchNorm } from "../overrides/batchNorm.js";
import { one, several } from "../overrides/kernel.js";
import { primitivesOf } from "../overrides/primitives.js";

/** Overrides that libtensorflow computes in fewer passes. */
export function tensorflowOverrides(backend: string): Overrides {
  return {
    primitives: primitivesOf(backend),
    quantizers: { n2uq: { activation: n2uqActivation } },
    ops: { relu, prelu, "batch-norm": batchNorm },
    optimizers: { adam: adamOfEach },
  };
}

/** N2UQ's activations, with one pass per threshold. Forward saves x and #{i : β₁x > t_i}. */
const n2uqActivation: NonNullable<SideOverrides["activation"]> = {
  forward(x, parameters, { bits }) {
    const N = steps(bits);
    const [y, count] = tidy(() => {
      const [scale, beta2] = [parameterOf(parameters, "scale1"), parameterOf(parameters, "scale2")];
      const count = one("ThresholdCount", { x, scale, edges: thresholds(parameters, N).forward });
      return [mul(count, mul(beta2, scalar(2 / N))), count] as const;
    });
    return { y, saved: [x.clone(), count] };
  },
  backward(dy, saved, parameters, { bits }) {
    const [x, count] = [savedAt(saved, 0), savedAt(saved, 1)];
    const N = steps(bits);
    const { dx, ...gradients } = tidy(() => {
      const [beta1, beta2] = [parameterOf(parameters, "scale1"), parameterOf(parameters, "scale2")];
      const pieces = thresholds(parameters, N);
      const slopes = div(scalar(2 / N), pieces.lengths);
      const factors = mul(mul(beta1, beta2), slopes);
      const inputs = { dy, x, scale: beta1, edges: pieces.backward, slopes: factors };
      const [dx, sums] = several("ThresholdGradient", inputs) as [Tensor, Tensor];
      const column = (index: number) => reshape(slice(sums, [0, index], [N, 1]), [N]);
      const scale2 = mul(sumAll(mul(dy, count)), scalar(2 / N));
      return { dx, ...intervalGradients(column(0), column(1), { ...pieces, beta1, beta2, slopes }), scale2 };
    });
    return { dx, gradients };
  },
};
