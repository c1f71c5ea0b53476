import { n2uqActivation } from "./n2uqActivation.js";
import { n2uqWeight } from "./n2uqWeight.js";
import { defineQuantizer } from "./quantizer.js";

/**
 * Nonuniform-to-uniform quantization: learnable thresholds for activations, rescaled uniform levels for
 * weights.
 */
export const n2uq = defineQuantizer({
  name: "n2uq",
  reference: "Liu et al. 2022, arXiv 2111.14826, section 3",
  activation: n2uqActivation,
  weight: n2uqWeight,
});
