import { dereference, experimentRoot } from "./roots.js";
import type { Path, Schema } from "./schema.js";

/** A path as users write it: `quantization.layers[0].bits`. The root is an empty string. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join("");
}

/** The keys of a written path; undefined if the text is not a path. */
export function parsePath(text: string): Path | undefined {
  if (!/^[\w$-]+(\[\d+\])*(\.[\w$-]+(\[\d+\])*)*$/.test(text)) return undefined;
  return [...text.matchAll(/\[(\d+)\]|([\w$-]+)/g)].map(([, index, key]) =>
    index === undefined ? (key ?? "") : Number(index),
  );
}

/** All paths of keys in a schema, without list indices, the nearest to the root first. */
function pathsUnder(root: Schema): string[][] {
  const found: string[][] = [];
  let level: { schema: Schema; path: string[] }[] = [{ schema: dereference(root), path: [] }];
  while (level.length > 0) {
    const below: typeof level = [];
    for (const { schema, path } of level) {
      for (const [key, child] of Object.entries(schema.properties ?? {})) {
        if (child === false) continue;
        below.push({ schema: dereference(child), path: [...path, key] });
      }
    }
    found.push(...below.map(({ path }) => path));
    level = below;
  }
  return found;
}

/** All paths of an experiment. */
export let experimentPaths: readonly (readonly string[])[] = pathsUnder(experimentRoot);

/** The documented short names and their paths: `bits` → quantization.bits. */
export let shortNames: ReadonlyMap<string, readonly string[]> = namesOf(experimentPaths);

/** Reads the paths and short names again after a change of the experiment's schema. */
export function refreshPaths(): void {
  experimentPaths = pathsUnder(experimentRoot);
  shortNames = namesOf(experimentPaths);
}

function namesOf(paths: typeof experimentPaths): typeof shortNames {
  return new Map(
    paths.flatMap((path) => {
      const name = ownShortName(path);
      return name === undefined ? [] : [[name, path] as const];
    }),
  );
}

function ownShortName(path: readonly string[]): string | undefined {
  let schema: Schema = experimentRoot;
  for (const key of path) schema = dereference(schema.properties?.[key] || {});
  return schema["x-short-name"];
}
