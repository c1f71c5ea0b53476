import { propertiesOf } from "../schema/defaults.js";
import { dereference } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { childSchema } from "./merge.js";
import { childOf, fromValue, type Origin, type Tree } from "./tree.js";

const origin: Origin = { kind: "default", label: "default" };

/** Fills in the schema's plain defaults, also in absent maps. Like `withDefaults`, for trees. */
export function fillDefaults(tree: Tree, schema: Schema): Tree {
  if ("items" in tree) {
    const item = dereference(schema.items ?? {});
    return { origin: tree.origin, items: tree.items.map((child) => fillDefaults(child, item)) };
  }
  if (!("entries" in tree)) return tree;
  const entries = new Map(tree.entries);
  const chooser = schema["x-discriminator"];
  for (const [key, propertyBy] of propertiesOf(schema)) {
    const given = entries.get(key);
    const chosen = chooser === undefined ? undefined : entries.get(chooser);
    const child =
      given === undefined
        ? defaultOf(propertyBy(chosen && "scalar" in chosen ? chosen.scalar : undefined))
        : fillDefaults(given, childSchema(schema, key));
    if (child !== undefined) entries.set(key, child);
  }
  return { origin: tree.origin, entries };
}

/** The tree of a default, or of a map of defaults; undefined if there is none. */
function defaultOf(property: Schema | undefined): Tree | undefined {
  if (property === undefined) return undefined;
  if (property.default !== undefined) return fromValue(property.default, origin);
  if (property.type !== "object") return undefined;
  const filled = fillDefaults({ origin, entries: new Map() }, property);
  const lacks = property["x-required"]?.some((key) => childOf(filled, key) === undefined) ?? false;
  return "entries" in filled && filled.entries.size > 0 && !lacks ? filled : undefined;
}
