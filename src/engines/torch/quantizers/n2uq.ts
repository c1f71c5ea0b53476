import type { Tensor } from "@tensorflow/tfjs-core";
import { n2uq } from "../../../core/n2uq.js";
import { gammaOf } from "../../../core/n2uqWeight.js";
import { steps } from "../../../core/quantizer.js";
import type { SideOverrides } from "../../../overrides.js";
import { several } from "../../overrides/kernel.js";

/** N2UQ's weights: y and 1/σ in one kernel if σ is the paper's (entropy, weight 1). */
export const n2uqWeight: NonNullable<SideOverrides["weight"]> = {
  forward(w, parameters, quantization) {
    const { bits, regularizer } = quantization;
    const isPaper = regularizer === undefined || (regularizer.kind === "entropy" && regularizer.weight === 1);
    if (!isPaper) return n2uq.weight.forward(w, parameters, quantization);
    const [y, inverse] = several("EntropyWeight", { w }, { steps: steps(bits), gamma: gammaOf(bits) }) as [
      Tensor,
      Tensor,
    ];
    return { y, saved: [w.clone(), inverse] };
  },
  backward: n2uq.weight.backward,
};
