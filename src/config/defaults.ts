import { dereference } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { childSchema } from "./merge.js";
import { childOf, fromValue, type Origin, type Tree, withEntry } from "./tree.js";

const origin: Origin = { kind: "default", label: "default" };

/**
 * The tree with the schema's plain defaults wherever nothing was given, also in maps that were not given at all.
 * A default that belongs to one alternative is filled only where that alternative is chosen.
 */
export function fillDefaults(tree: Tree, schema: Schema): Tree {
  if ("items" in tree) {
    const item = dereference(schema.items ?? {});
    return { origin: tree.origin, items: tree.items.map((child) => fillDefaults(child, item)) };
  }
  if (!("entries" in tree)) return tree;
  let filled = tree as Tree;
  for (const key of chosenFirst(schema)) {
    const child = filledChild(filled, key, schema);
    if (child !== undefined) filled = withEntry(filled, key, child);
  }
  return filled;
}

function filledChild(tree: Tree, key: string, schema: Schema): Tree | undefined {
  const given = childOf(tree, key);
  const property = childSchema(schema, key);
  if (given !== undefined) return fillDefaults(given, property);
  if (!isOpen(tree, key, schema)) return undefined;
  if (property.default !== undefined) return fromValue(property.default, origin);
  if (property.type !== "object") return undefined;
  const filled = fillDefaults({ origin, entries: new Map() }, property);
  return "entries" in filled && filled.entries.size > 0 && !lacks(filled, property) ? filled : undefined;
}

function lacks(tree: Tree, schema: Schema): boolean {
  return schema["x-required"]?.some((key) => childOf(tree, key) === undefined) ?? false;
}

/** The keys of a map, the one that chooses among alternatives first. */
function chosenFirst(schema: Schema): string[] {
  const keys = Object.keys(schema.properties ?? {});
  const chosen = schema["x-discriminator"];
  return chosen === undefined ? keys : [chosen, ...keys.filter((key) => key !== chosen)];
}

/** Whether a key may stand in this map: of any alternative while none is chosen it may not. */
function isOpen(tree: Tree, key: string, schema: Schema): boolean {
  const forbidding = (schema.allOf ?? []).filter(({ then }) => then.properties?.[key] === false);
  if (forbidding.length === 0) return true;
  const chosen = schema["x-discriminator"];
  if (chosen === undefined) return false;
  const choice = childOf(tree, chosen);
  if (choice === undefined || !("scalar" in choice)) return false;
  return forbidding.every((entry) => entry.if.properties?.[chosen]?.const !== choice.scalar);
}
