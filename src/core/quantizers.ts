import { dorefaActivation, dorefaWeight } from "./dorefa.js";
import { lsqActivation, lsqWeight } from "./lsq.js";
import { n2uqActivation } from "./n2uqActivation.js";
import { n2uqWeight } from "./n2uqWeight.js";
import { pactActivation, pactWeight } from "./pact.js";
import type { QuantizationMethod } from "./parameters.js";
import type { ActivationQuantizer, WeightQuantizer } from "./types.js";

/** Every activation quantizer by its method's name in the experiment. */
export const activationQuantizers = {
  n2uq: n2uqActivation,
  lsq: lsqActivation,
  pact: pactActivation,
  dorefa: dorefaActivation,
} satisfies Record<QuantizationMethod, ActivationQuantizer> as Record<
  QuantizationMethod,
  ActivationQuantizer
>;

/** Every weight quantizer by its method's name in the experiment. */
export const weightQuantizers = {
  n2uq: n2uqWeight,
  lsq: lsqWeight,
  pact: pactWeight,
  dorefa: dorefaWeight,
} satisfies Record<QuantizationMethod, WeightQuantizer> as Record<QuantizationMethod, WeightQuantizer>;
