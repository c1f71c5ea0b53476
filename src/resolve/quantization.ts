import type { Experiment } from "../schema/generated/experiment.js";
import type { Idle } from "./idle.js";
import type { Network } from "./network.js";
import type { Bits, ResolvedLayerRule, ResolvedQuantization } from "./types.js";

type Quantization = NonNullable<Experiment["quantization"]>;
type LayerRule = NonNullable<Quantization["layers"]>[number];
/** With every part, whether it takes effect or not. */
type Draft = Required<Pick<ResolvedQuantization, "downsample">> &
  ResolvedQuantization & {
    readonly bits: Bits;
    readonly regularizer: Required<NonNullable<ResolvedQuantization["regularizer"]>>;
  };

const SECTION = "quantization";
const METHODS = ["n2uq", "lsq", "pact", "dorefa", "none"] as const;
const REGULARIZERS = ["entropy", "weight-norm", "learnable-scale", "none"] as const;

/** Expands `bits: 2` to both sides and fills in the paper's settings. */
export function draftQuantization(quantization: Quantization): Draft {
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

function resolveRule({ match, bits, method, keep }: LayerRule, place: number): ResolvedLayerRule {
  return {
    match,
    ...(bits === undefined ? {} : { bits: expand(bits) }),
    ...(method === undefined ? {} : { method }),
    ...(keep === undefined ? {} : { keep }),
    place,
  };
}

function expand(bits: number | Partial<Bits>): Partial<Bits> {
  return typeof bits === "number" ? { weights: bits, activations: bits } : { ...bits };
}

/** How a draft is told from another one: whether some layer comes out differently. */
type Matters = (...others: readonly Partial<Draft>[]) => boolean;

/**
 * Keeps what some layer depends on: a part takes effect where another value of it would change a layer. What does not is taken
 * out piece by piece, so that of two globs that keep one layer the second stays.
 * @returns the rules and globs that change nothing apart, for whoever wrote them
 * @throws N2uqError N2UQ_RULE_MATCHES_NOTHING
 */
export function effectiveQuantization(
  written: Draft,
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
  const { bits, regularizer } = draft;
  const downsample = matters({ downsample: !draft.downsample });
  if (!downsample) draft = { ...draft, downsample: true };
  const weights = matters({ bits: { ...bits, weights: another(bits.weights) } });
  const activations = matters({ bits: { ...bits, activations: another(bits.activations) } });
  const kind = matters(...REGULARIZERS.map((other) => ({ regularizer: { ...regularizer, kind: other } })));
  const weight = matters({ regularizer: { ...regularizer, weight: regularizer.weight === 1 ? 2 : 1 } });
  const quantization = {
    method: draft.method,
    ...((weights || activations) && {
      bits: {
        ...(weights && { weights: bits.weights }),
        ...(activations && { activations: bits.activations }),
      },
    }),
    ...(downsample && { downsample: draft.downsample }),
    ...((kind || weight) && {
      regularizer: { kind: regularizer.kind, ...(weight && { weight: regularizer.weight }) },
    }),
    keep: draft.keep,
    layers: draft.layers.map(({ place, ...rule }, index) => (place === index ? rule : { ...rule, place })),
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

/** A rule without the keys that change no layer; no rule where none is left. */
function effectiveRule(
  draft: Draft,
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
  const byMethod = method !== undefined && changes(...METHODS.map((other) => ({ method: other })));
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
