import type { LoadedExperiment } from "../src/config/load.js";
import { leaves } from "../src/report/leaves.js";
import { toExperiment } from "../src/resolve/toExperiment.js";
import type { ResolvedFile } from "./resolve.js";

type Path = readonly (string | number)[];

/**
 * Where a value was written, e.g. `quickstart.yaml:12`, or that it was derived. @param resolved the resolved
 * value, if known
 */
export function placeOf({ value, sources }: LoadedExperiment, path: Path, resolved?: unknown): string {
  if (!has(value, path)) return "derived";
  if (resolved !== undefined && !says(valueAt(value, path), resolved)) return "derived";
  return sources.at(path).label;
}

/** The value at a path, or the scalar that sets everything below it. */
function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null ? (part as Record<string | number, unknown>)[key] : part,
    tree,
  );
}

/** Whether a written value equals the resolved one: `28` is `[28, 28]`, `"*.a"` is `["*.a"]`. */
function says(written: unknown, resolved: unknown): boolean {
  if (JSON.stringify(written) === JSON.stringify(resolved)) return true;
  return Array.isArray(resolved) && !Array.isArray(written) && resolved.every((one) => says(written, one));
}

/** By hash: origins of the values in resolved.yaml, for an experiment and its references. */
export function sourcesByHash(found: ResolvedFile): Map<string, Record<string, string>> {
  return new Map(
    [...found.references, found].map(({ loaded, resolved, hash }) => {
      const value = toExperiment(resolved, { teacher: "", init: "" });
      const places = leaves(value).map(({ path, value: text }) => [
        path.join("."),
        placeOf(loaded, path, JSON.parse(text)),
      ]);
      return [hash, Object.fromEntries(places)] as const;
    }),
  );
}

/**
 * By hash: files of an experiment's references. Does not include the experiment's file, because a restart
 * from it also needs the profiles and flags.
 */
export function filesByHash({ references }: ResolvedFile): Map<string, string> {
  return new Map(references.map(({ loaded, hash }) => [hash, loaded.file]));
}

/** Whether the experiment files set this path; `bits: 2` sets `bits.weights` too. */
function has(tree: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return tree !== undefined;
  if (typeof tree !== "object" || tree === null) return tree !== undefined;
  return has((tree as Record<string | number, unknown>)[key], rest);
}
