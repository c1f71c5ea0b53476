import { overrides } from "../overrides.js";
import type { PartNames } from "../schema/generated/parts.js";
import { apot } from "./apot.js";
import { dorefa } from "./dorefa.js";
import { lcq } from "./lcq.js";
import { lsq } from "./lsq.js";
import { lsqPlus } from "./lsqPlus.js";
import { n2uq } from "./n2uq.js";
import { pact } from "./pact.js";
import type { ActivationQuantizer, Quantizer, WeightQuantizer } from "./quantizer.js";

/** All quantizers by their names in the experiment. */
export const quantizers = {
  apot,
  dorefa,
  lcq,
  lsq,
  "lsq-plus": lsqPlus,
  n2uq,
  pact,
} satisfies Record<PartNames["quantizers"], Quantizer> as Record<PartNames["quantizers"], Quantizer>;

/** Forward and backward of an activation quantizer: the engine's override, else the plain implementation. */
export function activationPasses(
  method: PartNames["quantizers"],
): Pick<ActivationQuantizer, "forward" | "backward"> {
  return overrides().quantizers?.[method]?.activation ?? quantizers[method].activation;
}

/** Forward and backward of a weight quantizer: the engine's override, else the plain implementation. */
export function weightPasses(method: PartNames["quantizers"]): Pick<WeightQuantizer, "forward" | "backward"> {
  return overrides().quantizers?.[method]?.weight ?? quantizers[method].weight;
}
