import { fillOrder, openProperty } from "../schema/defaults.js";
import { dereference } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { childSchema } from "./merge.js";
import { childOf, fromValue, type Origin, type Tree, withEntry } from "./tree.js";

const origin: Origin = { kind: "default", label: "default" };

/** Fills in the schema's plain defaults, also in absent maps: `withDefaults` for a tree with origins. */
export function fillDefaults(tree: Tree, schema: Schema): Tree {
  if ("items" in tree) {
    const item = dereference(schema.items ?? {});
    return { origin: tree.origin, items: tree.items.map((child) => fillDefaults(child, item)) };
  }
  if (!("entries" in tree)) return tree;
  let filled = tree as Tree;
  for (const key of fillOrder(schema)) {
    const child = filledChild(filled, key, schema);
    if (child !== undefined) filled = withEntry(filled, key, child);
  }
  return filled;
}

function filledChild(tree: Tree, key: string, schema: Schema): Tree | undefined {
  const given = childOf(tree, key);
  if (given !== undefined) return fillDefaults(given, childSchema(schema, key));
  const property = openProperty(schema, key, (chooser) => {
    const choice = childOf(tree, chooser);
    return choice !== undefined && "scalar" in choice ? choice.scalar : undefined;
  });
  if (property === undefined) return undefined;
  if (property.default !== undefined) return fromValue(property.default, origin);
  if (property.type !== "object") return undefined;
  const filled = fillDefaults({ origin, entries: new Map() }, property);
  return "entries" in filled && filled.entries.size > 0 && !lacks(filled, property) ? filled : undefined;
}

function lacks(tree: Tree, schema: Schema): boolean {
  return schema["x-required"]?.some((key) => childOf(tree, key) === undefined) ?? false;
}
