import type { Experiment } from "../schema/generated/experiment.js";
import type { Bits, ResolvedLayerRule, ResolvedQuantization } from "./types.js";

type Quantization = NonNullable<Experiment["quantization"]>;
type LayerRule = NonNullable<Quantization["layers"]>[number];

/** Expands `bits: 2` to both sides and fills in the paper's settings. */
export function resolveQuantization(quantization: Quantization): ResolvedQuantization {
  const { method = "n2uq", bits = 2, downsample = true, regularizer = {}, keep, layers = [] } = quantization;
  const { kind = "entropy", weight = 1 } = regularizer;
  const both = expand(bits);
  return {
    method,
    bits: { weights: both.weights ?? 2, activations: both.activations ?? 2 },
    downsample,
    regularizer: { kind, weight },
    keep: keep ?? null,
    layers: layers.map(resolveRule),
  };
}

function resolveRule({ match, bits, method, keep }: LayerRule): ResolvedLayerRule {
  return {
    match,
    ...(bits === undefined ? {} : { bits: expand(bits) }),
    ...(method === undefined ? {} : { method }),
    ...(keep === undefined ? {} : { keep }),
  };
}

function expand(bits: number | Partial<Bits>): Partial<Bits> {
  return typeof bits === "number" ? { weights: bits, activations: bits } : { ...bits };
}
