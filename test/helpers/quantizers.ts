import type { Quantizer } from "../../src/core/quantizer.js";
import { activationPasses, quantizers, weightPasses } from "../../src/core/quantizers.js";

type Name = keyof typeof quantizers;

/** An activation quantizer with the overrides of the current engine. */
export function activationOf(method: Name): Quantizer["activation"] {
  return { ...quantizers[method].activation, ...activationPasses(method) };
}

/** A weight quantizer with the overrides of the current engine. */
export function weightOf(method: Name): Quantizer["weight"] {
  return { ...quantizers[method].weight, ...weightPasses(method) };
}
