import type { LoadedExperiment } from "../config/load.js";

type Path = readonly (string | number)[];

/** Every value of a plain JSON tree with its path; lists of plain values count as one value. */
export function leaves(tree: unknown, path: Path = []): { path: Path; value: string }[] {
  const isLeaf =
    typeof tree !== "object" || tree === null || isPlainList(tree) || Object.keys(tree).length === 0;
  if (isLeaf) return [{ path, value: JSON.stringify(tree) }];
  const keys = Array.isArray(tree) ? tree.map((_, index) => index) : Object.keys(tree);
  return keys.flatMap((key) => leaves((tree as Record<string | number, unknown>)[key], [...path, key]));
}

/** Where a value was written, e.g. `quickstart.yaml:12`, or that it follows from others. */
export function placeOf({ value, sources }: LoadedExperiment, path: Path): string {
  if (!has(value, path)) return "derived";
  return sources.at(path).label;
}

function isPlainList(tree: object): boolean {
  return Array.isArray(tree) && tree.every((entry) => typeof entry !== "object" || entry === null);
}

/** Whether the experiment files say something about this path; `bits: 2` speaks for `bits.weights` too. */
function has(tree: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return tree !== undefined;
  if (typeof tree !== "object" || tree === null) return tree !== undefined;
  return has((tree as Record<string | number, unknown>)[key], rest);
}
