import type { ResolvedFile } from "../runners/resolve.js";
import type { LoadedExperiment } from "../src/config/load.js";
import { leaves } from "../src/report/leaves.js";
import { toExperiment } from "../src/resolve/toExperiment.js";

type Path = readonly (string | number)[];

/** Where a value was written, e.g. `quickstart.yaml:12`, or that it follows from others. @param resolved what it came to, if known */
export function placeOf({ value, sources }: LoadedExperiment, path: Path, resolved?: unknown): string {
  if (!has(value, path)) return "derived";
  if (resolved !== undefined && !says(valueAt(value, path), resolved)) return "derived";
  return sources.at(path).label;
}

/** The value at a path, or the one value that stands for all below it. */
function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null ? (part as Record<string | number, unknown>)[key] : part,
    tree,
  );
}

/** Whether a written value is what was resolved: `28` is `[28, 28]`, `"*.a"` is `["*.a"]`. */
function says(written: unknown, resolved: unknown): boolean {
  if (JSON.stringify(written) === JSON.stringify(resolved)) return true;
  return Array.isArray(resolved) && !Array.isArray(written) && resolved.every((one) => says(written, one));
}

/** By hash: where each value of an experiment's resolved.yaml came from, and those of the experiments it refers to. */
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

/** By hash: the files of the experiments that one refers to. Its own is not enough to run it: profiles and flags belong to it. */
export function filesByHash({ references }: ResolvedFile): Map<string, string> {
  return new Map(references.map(({ loaded, hash }) => [hash, loaded.file]));
}

/** Whether the experiment files say something about this path; `bits: 2` speaks for `bits.weights` too. */
function has(tree: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return tree !== undefined;
  if (typeof tree !== "object" || tree === null) return tree !== undefined;
  return has((tree as Record<string | number, unknown>)[key], rest);
}
