import { createHash } from "node:crypto";
import { isMap } from "../schema/maps.js";
import { DECIDES_NO_RESULT } from "./identity.js";
import { rankCount } from "./ranks.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "./types.js";

const recipes = new WeakMap<ResolvedExperiment, string>();
const hashes = new WeakMap<ResolvedExperiment, string>();

/**
 * sha256 of the recipe: all settings that take effect, but not the content of data and weights files.
 * Quantization is hashed as the resolved settings of each layer, optimizer groups as the resolved settings of
 * each parameter. The number of ranks is included only if each rank has separate BatchNorm statistics. A
 * referenced experiment is included as the hash of its recipe.
 */
export function recipeHash(experiment: ResolvedExperiment): string {
  return memoized(recipes, experiment, () => {
    const { quantization: _quantization, content: _content, decided, training, ...rest } = experiment;
    const { optimizer, ...steps } = training;
    const { groups: _groups, ...optimizing } = optimizer;
    const batchNormParts = training.syncBatchNorm ? 1 : rankCount(experiment);
    return sha256(
      effective({
        ...rest,
        ...(batchNormParts > 1 && { batchNormParts }),
        layers: decided.layers,
        training: { ...steps, optimizer: { ...optimizing, groups: decided.groups } },
        teacher: referenceIn(experiment.teacher),
        init: referenceIn(experiment.init),
      }),
    );
  });
}

/**
 * sha256 of the recipe and of the input files: the identity of a run. If the recipe identifies all inputs
 * (known data sets, no weights files), it equals the recipe's hash.
 */
export function experimentHash(experiment: ResolvedExperiment): string {
  return memoized(hashes, experiment, () => {
    const recipe = recipeHash(experiment);
    const others = [experiment.teacher, experiment.init].map((one) =>
      one !== null && "experiment" in one ? one.experiment : null,
    );
    const references = others.map((other) => other && experimentHash(other));
    const isKnown =
      Object.keys(experiment.content).length === 0 &&
      others.every((other, index) => other === null || references[index] === recipeHash(other));
    return isKnown ? recipe : sha256({ recipe, content: experiment.content, references });
  });
}

/**
 * Whether an input of the experiment can't be read on this machine. If so, the experiment's hash differs from
 * the hash of its run.
 */
export function isProvisional({ content, teacher, init }: ResolvedExperiment): boolean {
  if (Object.values(content).some((one) => one === null)) return true;
  return [teacher, init].some((one) => one !== null && "experiment" in one && isProvisional(one.experiment));
}

/**
 * Replaces a referenced experiment by the hash of its recipe, and weights by their name. A file's path is
 * ignored; its content is hashed separately.
 */
function referenceIn(reference: ResolvedTeacher | ResolvedInit | null): unknown {
  if (reference === null) return null;
  if ("experiment" in reference) return { hash: recipeHash(reference.experiment) };
  const { weights, ...rest } = reference;
  return { ...rest, weights: /^[\w-]{2,}:/.test(weights) ? weights : "file" };
}

function memoized(
  known: WeakMap<ResolvedExperiment, string>,
  experiment: ResolvedExperiment,
  make: () => string,
): string {
  const hash = known.get(experiment) ?? make();
  if (Object.isFrozen(experiment)) known.set(experiment, hash);
  return hash;
}

function sha256(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

const leftOut: ReadonlySet<string> = new Set(DECIDES_NO_RESULT);

/** A copy without the keys that do not change results. @param prefix path of the value: `training.`, or "" at the root */
function effective(value: object, prefix = ""): object {
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const path = prefix + key;
    if (!leftOut.has(path)) kept[key] = isMap(inner) ? effective(inner, `${path}.`) : inner;
  }
  return kept;
}

/** JSON with sorted keys, so that equal objects have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isMap(value)) return JSON.stringify(value);
  let text = "";
  for (const key of Object.keys(value).sort())
    if (value[key] !== undefined)
      text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(value[key])}`;
  return `{${text}}`;
}
