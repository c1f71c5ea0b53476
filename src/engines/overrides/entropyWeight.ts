import type { Tensor } from "@tensorflow/tfjs-core";
import { gammaOf } from "../../core/n2uqWeight.js";
import { steps } from "../../core/quantizer.js";
import type { SideOverrides } from "../../overrides.js";
import { several } from "./kernel.js";

type Weight = NonNullable<SideOverrides["weight"]>;

/** N2UQ's weights: y and 1/σ in one kernel if σ is the paper's (entropy, weight 1), else as `otherwise`. */
export const entropyWeight = (otherwise: Weight): Weight => ({
  forward(w, parameters, quantization) {
    const { bits, regularizer } = quantization;
    const isPaper = regularizer === undefined || (regularizer.kind === "entropy" && regularizer.weight === 1);
    if (!isPaper) return otherwise.forward(w, parameters, quantization);
    const attributes = { steps: steps(bits), gamma: gammaOf(bits) };
    const [y, inverse] = several("EntropyWeight", { w }, attributes) as [Tensor, Tensor];
    return { y, saved: [w.clone(), inverse] };
  },
  backward: otherwise.backward,
});
