import { mul, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { n2uq } from "../../../core/n2uq.js";
import { gammaOf, inverted } from "../../../core/n2uqWeight.js";
import { parameterOf, savedAt, steps } from "../../../core/quantizer.js";
import type { SideOverrides } from "../../../overrides.js";
import { hasThresholdKernel } from "../../overrides/activationChain.js";
import { several } from "../../overrides/kernel.js";
import { n2uqActivation as withKernel } from "../../overrides/n2uqActivation.js";
import { withActivationCodes, withWeightCodes } from "./codes.js";

/** N2UQ's activations with their codes. The kernel for few bits attaches them itself. */
export const n2uqActivation: NonNullable<SideOverrides["activation"]> = {
  forward(x, parameters, quantization) {
    const { y, saved } = withKernel.forward(x, parameters, quantization);
    if (hasThresholdKernel(quantization)) return { y, saved };
    const N = steps(quantization.bits);
    const unit = tidy(() => mul(parameterOf(parameters, "scale2"), 2 / N));
    return { y: withActivationCodes(y, unit, N), saved };
  },
  backward: withKernel.backward,
};

/** N2UQ's weights: y and 1/σ in one kernel if σ is the paper's (entropy, weight 1). */
export const n2uqWeight: NonNullable<SideOverrides["weight"]> = {
  forward(w, parameters, quantization) {
    const { bits, regularizer } = quantization;
    const isPaper = regularizer === undefined || (regularizer.kind === "entropy" && regularizer.weight === 1);
    if (!isPaper) {
      const { y, saved } = n2uq.weight.forward(w, parameters, quantization);
      const unit = tidy(() => inverted(mul(savedAt(saved, 1), steps(bits))));
      return { y: withWeightCodes(y, unit, steps(bits)), saved };
    }
    const [y, inverse] = several("EntropyWeight", { w }, { steps: steps(bits), gamma: gammaOf(bits) }) as [
      Tensor,
      Tensor,
    ];
    return { y, saved: [w.clone(), inverse] };
  },
  backward: n2uq.weight.backward,
};
