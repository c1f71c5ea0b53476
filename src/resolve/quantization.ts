import type { CompleteLayerRule, CompleteQuantization } from "../schema/generated/complete.js";
import { experimentRoot } from "../schema/roots.js";
import type { Idle } from "./idle.js";
import type { Network } from "./network.js";
import type { QuantizationDraft } from "./quantizerOptions.js";
import { effectiveOptions } from "./quantizerOptions.js";
import type { Bits, Method, ResolvedLayerRule, ResolvedQuantization } from "./types.js";

const SECTION = "quantization";

/** Expands `bits: 2` to weights and activations. */
export function draftQuantization(quantization: CompleteQuantization): QuantizationDraft {
  const { weights = DEFAULT_BITS, activations = DEFAULT_BITS } = expand(quantization.bits);
  return { ...quantization, bits: { weights, activations }, layers: quantization.layers.map(resolveRule) };
}

/** Default number of bits if `bits` sets only weights or only activations. */
const DEFAULT_BITS = 2;

function resolveRule({ bits, ...rule }: CompleteLayerRule, place: number): ResolvedLayerRule {
  return { ...rule, ...(bits !== undefined && { bits: expand(bits) }), place };
}

function expand(bits: number | Partial<Bits>): Partial<Bits> {
  return typeof bits === "number" ? { weights: bits, activations: bits } : { ...bits };
}

/** Whether any of the other settings changes the quantization of a layer. */
type Matters = (...others: readonly Partial<QuantizationDraft>[]) => boolean;

/**
 * Keeps only settings with an effect: those of which another value would change a layer. Removes settings
 * without effect one at a time, so that one of two globs for the same layer stays. @returns the settings, and
 * the rules and globs without effect, for error messages @throws N2uqError N2UQ_RULE_MATCHES_NOTHING
 */
export function effectiveQuantization(
  written: QuantizationDraft,
  network: Network,
): { quantization: ResolvedQuantization; idle: Idle[] } {
  network.checkGlobs(written);
  const found = network.decisions(written);
  let draft = written;
  const matters: Matters = (...others) =>
    others.some((other) => network.decisions({ ...draft, ...other }) !== found);
  const idle: Idle[] = [];
  for (const place of written.layers.keys()) {
    const index = draft.layers.findIndex((rule) => rule.place === place);
    const rule = effectiveRule(draft, index, matters);
    idle.push(...rule.idle);
    draft = { ...draft, layers: draft.layers.toSpliced(index, 1, ...(rule.rule ?? [])) };
  }
  for (const [place, glob] of (written.keep ?? []).entries()) {
    const keep: readonly string[] = (draft.keep ?? []).toSpliced((draft.keep ?? []).indexOf(glob), 1);
    if (matters({ keep })) continue;
    idle.push(keepIdle(place));
    draft = { ...draft, keep };
  }
  if (!matters({ keep: null })) draft = { ...draft, keep: null };
  const { bits } = draft;
  const downsample = matters({ downsample: !draft.downsample });
  const weights = matters({ bits: { ...bits, weights: another(bits.weights) } });
  const activations = matters({ bits: { ...bits, activations: another(bits.activations) } });
  const { keep, layers, method, bits: _bits, downsample: _downsample, ...options } = draft;
  const quantization = {
    method,
    ...((weights || activations) && {
      bits: {
        ...(weights && { weights: bits.weights }),
        ...(activations && { activations: bits.activations }),
      },
    }),
    ...(downsample && { downsample: draft.downsample }),
    ...effectiveOptions(options, (others) => matters(others)),
    keep,
    layers: layers.map(({ place, ...rule }, index) => (place === index ? rule : { ...rule, place })),
  };
  return { quantization, idle };
}

const another = (bits: number) => (bits % 8) + 1;
const BECAUSE = [
  [SECTION, "method"],
  [SECTION, "downsample"],
  [SECTION, "keep"],
  [SECTION, "layers"],
  ["architecture"],
];

/** A rule without the keys that change no layer; undefined if no key is left. */
function effectiveRule(
  draft: QuantizationDraft,
  index: number,
  matters: Matters,
): { rule: [ResolvedLayerRule] | null; idle: Idle[] } {
  const written = draft.layers[index];
  if (written === undefined) return { rule: null, idle: [] };
  const { match, place, bits, method, keep } = written;
  const changes = (...others: readonly Partial<ResolvedLayerRule>[]) =>
    matters(...others.map((other) => ({ layers: draft.layers.with(index, { ...written, ...other }) })));
  const sides = (["weights", "activations"] as const).filter((side) => bits?.[side] !== undefined);
  const kept = sides.filter((side) => changes({ bits: { ...bits, [side]: another(bits?.[side] ?? 0) } }));
  const methods = (experimentRoot.definitions?.method?.enum ?? []) as Method[];
  const byMethod = method !== undefined && changes(...methods.map((other) => ({ method: other })));
  const byKeep = keep !== undefined && changes({ keep: !keep });
  const path = [SECTION, "layers", place ?? index];
  const said = { why: "on the layers that this rule matches", because: BECAUSE };
  if (kept.length === 0 && !byMethod && !byKeep) {
    if (draft.method === "none" && bits !== undefined && method === undefined) {
      const code = "N2UQ_RESOLVE_BITS_WITHOUT_METHOD" as const;
      return { rule: null, idle: [{ ...said, path: [...path, "bits"], code, match }] };
    }
    const idle = { ...said, path: [...path, "match"], code: "N2UQ_RULE_WITHOUT_EFFECT" as const, match };
    return { rule: null, idle: [idle] };
  }
  const idle = [
    ...(kept.length === 0 && bits !== undefined ? [[...path, "bits"]] : []),
    ...(kept.length > 0 ? sides.filter((side) => !kept.includes(side)) : []).map((side) => [
      ...path,
      "bits",
      side,
    ]),
    ...(method !== undefined && !byMethod ? [[...path, "method"]] : []),
    ...(keep !== undefined && !byKeep ? [[...path, "keep"]] : []),
  ].map((at) => ({ ...said, path: at }));
  const rule = {
    match,
    ...(kept.length > 0 && { bits: Object.fromEntries(kept.map((side) => [side, bits?.[side]])) }),
    ...(byMethod && { method }),
    ...(byKeep && { keep }),
    ...(place !== undefined && { place }),
  };
  return { rule: [rule], idle };
}

function keepIdle(index: number): Idle {
  return {
    path: [SECTION, "keep", index],
    why: "on the layers that it matches: they stay in full precision without it",
    because: BECAUSE.filter(([, key]) => key !== "keep"),
  };
}
