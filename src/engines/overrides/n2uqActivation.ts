import type { Tensor } from "@tensorflow/tfjs-core";
import { n2uq } from "../../core/n2uq.js";
import { savedAt } from "../../core/quantizer.js";
import type { SideOverrides } from "../../overrides.js";
import { hasThresholdKernel } from "./activationChain.js";
import { one, several } from "./kernel.js";

/**
 * N2UQ's activations: up to 4 bits, one kernel that compares with every threshold; with more bits, the plain
 * implementation.
 */
export const n2uqActivation: NonNullable<SideOverrides["activation"]> = {
  forward(x, parameters, quantization) {
    if (!hasThresholdKernel(quantization)) return n2uq.activation.forward(x, parameters, quantization);
    return { y: one("ActivationChain", { x, ...parameters }), saved: [x.clone()] };
  },
  backward(dy, saved, parameters, quantization, world) {
    if (!hasThresholdKernel(quantization))
      return n2uq.activation.backward(dy, saved, parameters, quantization, world);
    const outputs = several("ActivationChainGradient", { dy, x: savedAt(saved, 0), ...parameters });
    const [dx, start, a, scale1, scale2] = outputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    return { dx, gradients: { start, a, scale1, scale2 } };
  },
};
