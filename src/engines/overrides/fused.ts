import type { Tensor } from "@tensorflow/tfjs-core";
import { type QuantizerTensors, savedAt } from "../../core/quantizer.js";
import type { QuantizerOptions } from "../../graph/quantizer.js";
import type { SideOverrides } from "../../overrides.js";
import type { ChainInputs } from "./activationChain.js";

/** What the quantizers of activations and of weights take. */
export type Quantization = QuantizerOptions & {
  readonly bits: number;
  readonly variant?: "paper" | "released";
};

/** A quantizer whose kernels compute RPReLU too, if they get `bias1`, `alpha` and `bias2`. */
export interface FusedPasses {
  forward(inputs: ChainInputs, parameters: QuantizerTensors, quantization: Quantization): Tensor;
  /**
   * The gradients of x, then of RPReLU's inputs, if there are any, and of the quantizer's parameters. @param
   * inputs those of `forward` and `dy` @param world number of ranks that share the batch; default 1
   */
  backward(
    inputs: ChainInputs,
    parameters: QuantizerTensors,
    quantization: Quantization,
    world?: number,
  ): { readonly outputs: readonly Tensor[]; readonly gradients: Record<string, Tensor> };
}

/** The same quantizer without RPReLU. */
export function sideOf(passes: FusedPasses): NonNullable<SideOverrides["activation"]> {
  return {
    forward: (x, parameters, quantization) => ({
      y: passes.forward({ x }, parameters, quantization),
      saved: [x.clone()],
    }),
    backward(dy, saved, parameters, quantization, world) {
      const inputs = { dy, x: savedAt(saved, 0) };
      const { outputs, gradients } = passes.backward(inputs, parameters, quantization, world);
      return { dx: outputs[0] as Tensor, gradients };
    },
  };
}
