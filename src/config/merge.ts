import { dereference } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { childOf, type Tree } from "./tree.js";

/**
 * Merges an overlay into a base. Maps are merged key by key; lists and scalars are replaced. If a map of the
 * overlay selects another alternative (another `kind` or `family`), it replaces the base's map, because the
 * keys of the base's map belong to the old alternative.
 */
export function merge(base: Tree | undefined, overlay: Tree, schema: Schema = {}): Tree {
  if (base === undefined || !("entries" in overlay)) return overlay;
  const under = spreadNumber(base, schema);
  if (!("entries" in under) || choosesAnother(under, overlay, schema)) return overlay;
  const entries = new Map(under.entries);
  for (const key of replacedBy(overlay, schema)) entries.delete(key);
  for (const [key, child] of overlay.entries)
    entries.set(key, merge(under.entries.get(key), child, childSchema(schema, key)));
  return { origin: overlay.origin, entries };
}

/** The schema of a map's value, or an empty one. */
export function childSchema(schema: Schema, key: string): Schema {
  return dereference(schema.properties?.[key] || {});
}

/** The base's keys that the overlay's keys replace, such as `epochs` by `steps`. */
function replacedBy(overlay: Tree, schema: Schema): string[] {
  const isGiven = (key: string) => {
    const child = childOf(overlay, key);
    return child !== undefined && !("scalar" in child && child.scalar === null);
  };
  return (schema["x-exclusive"] ?? []).flatMap((keys) =>
    keys.some(isGiven) ? keys.filter((key) => !isGiven(key)) : [],
  );
}

function spreadNumber(base: Tree, schema: Schema): Tree {
  const keys = schema["x-number-fills"];
  if (keys === undefined || !("scalar" in base) || typeof base.scalar !== "number") return base;
  return { origin: base.origin, entries: new Map(keys.map((key) => [key, base])) };
}

function choosesAnother(base: Tree, overlay: Tree, schema: Schema): boolean {
  const chosen = schema["x-discriminator"];
  if (chosen !== undefined) return differ(childOf(base, chosen), childOf(overlay, chosen));
  const alternatives = schema["x-alternatives"] ?? [];
  const has = (tree: Tree, keys: readonly string[]) => keys.some((key) => childOf(tree, key) !== undefined);
  return alternatives.some(
    (keys, index) =>
      has(overlay, keys) && alternatives.some((others, other) => other !== index && has(base, others)),
  );
}

function differ(base: Tree | undefined, overlay: Tree | undefined): boolean {
  if (base === undefined || overlay === undefined) return false;
  return !("scalar" in base) || !("scalar" in overlay) || base.scalar !== overlay.scalar;
}
