import picomatch from "picomatch";
import { N2uqError } from "../errors.js";
import type { Method, ResolvedLayerRule, ResolvedQuantization } from "../resolve/types.js";
import { closest } from "./closest.js";
import type { DescribedQuantizers } from "./quantizer.js";
import type { LayerDecision } from "./types.js";

/** A quantizable layer: its id, the names that rules may use for it, and its position in the network. */
export interface QuantizableLayer {
  readonly id: string;
  readonly names: readonly string[];
  readonly role: "stem" | "classifier" | "downsample" | "body";
}

/** Placeholder if the resolved experiment has no bits because no layer uses them. */
const UNUSED_BITS = 2;

interface LayerSettings {
  kept: boolean;
  method: Method;
  weights: number;
  activations: number;
  from: string;
}

/**
 * Resolves each layer's quantization and records which rule set it. Later rules win. A layer that is kept in
 * full precision stays so until a rule sets `keep: false`.
 */
export class QuantizationPolicy {
  readonly #quantization: ResolvedQuantization;
  readonly #rules: {
    rule: ResolvedLayerRule;
    matches: (name: string) => boolean;
    hit: boolean;
    effect: boolean;
  }[];
  readonly #keep: { glob: string; matches: (name: string) => boolean; hit: boolean }[];
  readonly #seen: string[] = [];

  readonly #quantizers: DescribedQuantizers;

  constructor(quantization: ResolvedQuantization, quantizers: DescribedQuantizers) {
    this.#quantization = quantization;
    this.#quantizers = quantizers;
    this.#rules = quantization.layers.map((rule) => ({
      rule,
      matches: picomatch(rule.match),
      hit: false,
      effect: false,
    }));
    this.#keep = (quantization.keep ?? []).map((glob) => ({ glob, matches: picomatch(glob), hit: false }));
  }

  decide(layer: QuantizableLayer): LayerDecision {
    this.#seen.push(...layer.names);
    const draft = this.#start(layer);
    this.#rules.forEach((entry, index) => {
      if (!layer.names.some((name) => entry.matches(name))) return;
      entry.hit = true;
      if (apply(entry.rule, draft, entry.rule.place ?? index)) entry.effect = true;
    });
    return finish(draft, this.#quantization, this.#quantizers);
  }

  /**
   * Checks the globs and effects of all rules. Call it after `decide` was called for every layer. @throws
   * N2uqError N2UQ_RULE_MATCHES_NOTHING, N2UQ_RULE_WITHOUT_EFFECT; `details.path` is the rule's path in the
   * experiment
   */
  check(): void {
    this.checkGlobs();
    for (const [index, { effect, rule }] of this.#rules.entries()) {
      const path = ["quantization", "layers", rule.place ?? index, "match"];
      if (!effect) throw new N2uqError("N2UQ_RULE_WITHOUT_EFFECT", { match: rule.match, path });
    }
  }

  /** Checks only the globs. @throws N2uqError N2UQ_RULE_MATCHES_NOTHING */
  checkGlobs(): void {
    this.#rules.forEach((entry, index) => {
      const path = ["quantization", "layers", entry.rule.place ?? index, "match"];
      if (!entry.hit) throw this.#nothing(entry.rule.match, path);
    });
    this.#keep.forEach((entry, index) => {
      if (!entry.hit) throw this.#nothing(entry.glob, ["quantization", "keep", index]);
    });
  }

  #nothing(match: string, path: readonly (string | number)[]): N2uqError {
    const close = closest(match, this.#seen, 4);
    return new N2uqError("N2UQ_RULE_MATCHES_NOTHING", { match, close: close.join(", "), path });
  }

  #start(layer: QuantizableLayer): LayerSettings {
    const { method, bits, downsample = true, keep } = this.#quantization;
    const draft = {
      kept: false,
      method,
      weights: bits?.weights ?? UNUSED_BITS,
      activations: bits?.activations ?? UNUSED_BITS,
      from: "quantization",
    };
    if (keep === null && (layer.role === "stem" || layer.role === "classifier"))
      return { ...draft, kept: true, from: "keep (default)" };
    if (!downsample && layer.role === "downsample")
      Object.assign(draft, { kept: true, from: "downsample: false" });
    this.#keep.forEach((entry, index) => {
      if (!layer.names.some((name) => entry.matches(name))) return;
      entry.hit = true;
      Object.assign(draft, { kept: true, from: `keep[${index}]` });
    });
    return draft;
  }
}

/** @throws N2uqError N2UQ_RULE_MATCHES_NOTHING if a glob matches no layer */
export function checkGlobs(
  layers: readonly QuantizableLayer[],
  quantization: ResolvedQuantization,
  quantizers: DescribedQuantizers,
): void {
  const policy = new QuantizationPolicy(quantization, quantizers);
  for (const layer of layers) policy.decide(layer);
  policy.checkGlobs();
}

/**
 * Describes every layer's resolved quantization, one line per layer: equal texts mean equally quantized
 * networks.
 */
export function describeDecisions(
  layers: readonly QuantizableLayer[],
  quantization: ResolvedQuantization,
  quantizers: DescribedQuantizers,
): string {
  const policy = new QuantizationPolicy(quantization, quantizers);
  return layers
    .map((layer) => {
      const { weight, activation } = policy.decide(layer);
      return JSON.stringify([layer.id, weight ?? null, activation ?? null]);
    })
    .join("\n");
}

/**
 * Applies one rule. Returns false if the rule has no effect: the layer stays in full precision, and the rule
 * does not set `keep: true`.
 */
function apply(rule: ResolvedLayerRule, draft: LayerSettings, index: number): boolean {
  if (rule.keep !== undefined) draft.kept = rule.keep;
  if (rule.method !== undefined) draft.method = rule.method;
  if (rule.bits?.weights !== undefined) draft.weights = rule.bits.weights;
  if (rule.bits?.activations !== undefined) draft.activations = rule.bits.activations;
  const effect = !draft.kept || rule.keep === true;
  if (effect) draft.from = `layers[${index}]`;
  return effect;
}

function finish(
  { kept, method, weights, activations, from }: LayerSettings,
  settings: ResolvedQuantization,
  quantizers: DescribedQuantizers,
): LayerDecision {
  const {
    method: _method,
    bits: _bits,
    downsample: _downsample,
    keep: _keep,
    layers: _,
    ...options
  } = settings;
  if (kept || method === "none") return Object.freeze({ from });
  const { weight, activation } = quantizers[method];
  return Object.freeze({
    from,
    weight: { method, bits: weights, ...weight.options?.(options) },
    activation: { method, bits: activations, ...activation.options?.(options) },
  });
}
