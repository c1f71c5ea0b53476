import type { Difference } from "../src/report/tables/types.js";
import { decidesNoResult } from "../src/resolve/identity.js";
import { toExperiment } from "../src/resolve/toExperiment.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { isMap } from "../src/schema/maps.js";
import { toInlineYaml } from "../src/schema/shown.js";

/** Most important sections first. */
const ORDER = ["training", "data", "teacher", "init", "augmentation", "quantization", "architecture"];
const MOST_VALUES = 3;
const LONGEST = 40;

/** A recipe and the experiment that replaces it. */
export type Pair = readonly [recipe: ResolvedExperiment, here: ResolvedExperiment];

/** Differences between experiments and their recipes; each setting once, even if many cells differ in it. */
export function differencesOf(pairs: readonly Pair[]): Difference[] {
  const found = new Map<string, { recipe: Set<string>; here: Set<string> }>();
  const recipes = new Map<ResolvedExperiment, unknown>();
  for (const [recipe, here] of pairs) {
    const written = recipes.get(recipe) ?? plain(recipe);
    recipes.set(recipe, written);
    for (const one of differing(written, plain(here), "")) {
      const known = found.get(one.path) ?? { recipe: new Set(), here: new Set() };
      known.recipe.add(one.recipe);
      known.here.add(one.here);
      found.set(one.path, known);
    }
  }
  return [...found]
    .map(([path, { recipe, here }]) => ({ path, recipe: together(recipe), here: together(here) }))
    .sort((a, b) => rank(a.path) - rank(b.path));
}

/**
 * Values that differ between experiments although no axis sets them: they were derived. @param axes paths of
 * the axes
 */
export function derivedDifferences(
  all: readonly ResolvedExperiment[],
  axes: readonly (readonly (string | number)[])[],
): Difference[] {
  const [first, ...others] = all;
  if (first === undefined) return [];
  const isSet = (path: string) =>
    axes
      .map((axis) => axis.join("."))
      .some((axis) => `${path}.`.startsWith(`${axis}.`) || `${axis}.`.startsWith(`${path}.`));
  return differencesOf(others.map((other) => [first, other])).filter(
    // Skips quantization: it contains only values with an effect, so an axis can add or remove keys.
    ({ path }) => !isSet(path) && !path.startsWith("quantization."),
  );
}

/** The experiment in the form of its file; references as name and hash. */
function plain(resolved: ResolvedExperiment): unknown {
  const [teacher, init] = [resolved.teacher, resolved.init].map((reference) =>
    reference !== null && "hash" in reference
      ? `${reference.experiment.name} (${reference.hash.slice(0, 8)})`
      : undefined,
  );
  return toExperiment(resolved, { teacher, init });
}

function differing(recipe: unknown, here: unknown, path: string): readonly Difference[] {
  if (recipe === here) return [];
  const areMaps = isMap(recipe) && isMap(here);
  // Different kinds have different settings, so only the kinds are compared.
  if (areMaps && recipe.kind === here.kind) {
    const keys = new Set([...Object.keys(recipe), ...Object.keys(here)]);
    return [...keys].flatMap((key) =>
      differing(recipe[key], here[key], path === "" ? key : `${path}.${key}`),
    );
  }
  // The engine decides results, but is not part of a recipe.
  if (path === "engine" || decidesNoResult(path.split("."))) return [];
  if (JSON.stringify(recipe) === JSON.stringify(here)) return [];
  const [one, other] = areMaps ? [recipe.kind, here.kind] : [recipe, here];
  return [{ path, recipe: text(one), here: text(other) }];
}

/** A short text of a value; for a reference, the experiment or weights file that it refers to. */
function text(value: unknown): string {
  if (value === undefined || value === null) return "none";
  if (isMap(value)) {
    const named = value.experiment ?? value.weights;
    if (typeof named === "string") return named;
  }
  const written = typeof value === "string" ? value : toInlineYaml(value);
  return written.length <= LONGEST ? written : `${written.slice(0, LONGEST - 1)}…`;
}

function together(values: ReadonlySet<string>): string {
  return values.size <= MOST_VALUES ? [...values].join(" or ") : "various";
}

function rank(path: string): number {
  const index = ORDER.indexOf(path.split(".")[0] ?? "");
  return index < 0 ? ORDER.length : index;
}
