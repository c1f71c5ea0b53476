import { createHash } from "node:crypto";
import { decidesNoResult } from "./identity.js";
import { rankCount } from "./ranks.js";
import type { ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "./types.js";

const recipes = new WeakMap<ResolvedExperiment, string>();
const hashes = new WeakMap<ResolvedExperiment, string>();

/**
 * sha256 of the recipe: exactly what takes effect, but for the content of data and weights files. Quantization counts by what
 * every layer comes to, the optimizer's groups by what every parameter comes to. The number of ranks decides the result only
 * where each has BatchNorm's statistics of its own part. Another experiment that this one refers to counts by its own recipe.
 */
export function recipeHash(experiment: ResolvedExperiment): string {
  return remembered(recipes, experiment, () => {
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
 * sha256 of the recipe and of what is read: the identity of a run. Where nothing needs telling apart by its content (data sets
 * that are known, no weights files) it is the recipe's hash itself.
 */
export function experimentHash(experiment: ResolvedExperiment): string {
  return remembered(hashes, experiment, () => {
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

/** Whether something that the experiment reads could not be looked at here: its hash is then not that of its run. */
export function isProvisional({ content, teacher, init }: ResolvedExperiment): boolean {
  if (Object.values(content).some((one) => one === null)) return true;
  return [teacher, init].some((one) => one !== null && "experiment" in one && isProvisional(one.experiment));
}

/** Another experiment by its recipe; weights by their name, since a file's content is told elsewhere and its path tells nothing. */
function referenceIn(reference: ResolvedTeacher | ResolvedInit | null): unknown {
  if (reference === null) return null;
  if ("experiment" in reference) return { hash: recipeHash(reference.experiment) };
  const { weights, ...rest } = reference;
  return { ...rest, weights: /^[\w-]{2,}:/.test(weights) ? weights : "file" };
}

function remembered(
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

/** Without the keys that decide no result. */
function effective(value: unknown, path: readonly string[] = []): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !decidesNoResult([...path, key]))
      .map(([key, inner]) => [key, effective(inner, [...path, key])]),
  );
}

/** JSON with sorted keys: two objects with the same content have the same text. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const parts = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${parts.join(",")}}`;
}
