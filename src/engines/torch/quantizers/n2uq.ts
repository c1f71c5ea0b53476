import { mul, tidy } from "@tensorflow/tfjs-core";
import { n2uq } from "../../../core/n2uq.js";
import { inverted } from "../../../core/n2uqWeight.js";
import { parameterOf, savedAt, steps } from "../../../core/quantizer.js";
import type { SideOverrides } from "../../../overrides.js";
import { hasThresholdKernel } from "../../overrides/activationChain.js";
import { entropyWeight } from "../../overrides/entropyWeight.js";
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

/** N2UQ's weights with their codes. The kernel for the paper's σ attaches them itself. */
export const n2uqWeight = entropyWeight({
  forward(w, parameters, quantization) {
    const { bits } = quantization;
    const { y, saved } = n2uq.weight.forward(w, parameters, quantization);
    const unit = tidy(() => inverted(mul(savedAt(saved, 1), steps(bits))));
    return { y: withWeightCodes(y, unit, steps(bits)), saved };
  },
  backward: n2uq.weight.backward,
});
