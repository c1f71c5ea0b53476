import { existsSync } from "node:fs";
import { N2uqErrors } from "../errors.js";
import { dereference, experimentRoot } from "../schema/roots.js";
import type { Schema } from "../schema/schema.js";
import { expandHome, userPath } from "../userPath.js";
import { toLocation } from "./faults.js";
import { childSchema } from "./merge.js";
import { missingFile } from "./read.js";
import type { Tree } from "./tree.js";

/** Makes every path that the schema marks absolute; relative paths start from `folder`. */
export function absolutePaths(tree: Tree, schema: Schema, folder: string): Tree {
  const mark = schema["x-path"];
  if ("items" in tree) {
    const item = schema.items === undefined ? {} : dereference(schema.items);
    const each = mark === undefined ? item : { ...item, "x-path": mark };
    return { origin: tree.origin, items: tree.items.map((child) => absolutePaths(child, each, folder)) };
  }
  if ("entries" in tree) {
    const entries = [...tree.entries].map(
      ([key, child]) => [key, absolutePaths(child, schemaUnder(schema, key), folder)] as const,
    );
    return { origin: tree.origin, entries: new Map(entries) };
  }
  if (mark === undefined || typeof tree.scalar !== "string") return tree;
  // One letter before a colon is a Windows drive; several letters are the prefix of a named source.
  if (mark === "unless-named" && /^[\w-]{2,}:/.test(tree.scalar)) return tree;
  const absolute = mark === "from-root" ? expandHome : userPath;
  return { origin: tree.origin, scalar: absolute(tree.scalar, folder, toLocation(tree.origin)) };
}

function schemaUnder(schema: Schema, key: string): Schema {
  if (schema.properties?.[key] !== undefined) return childSchema(schema, key);
  return schema.additionalProperties ? dereference(schema.additionalProperties) : {};
}

/** Throws N2UQ_CONFIG_FILE_MISSING for every missing file that an experiment refers to. */
export function checkReferences(tree: Tree, cwd: string, checked = new Set<string>()): void {
  const isThere = (file: string) => checked.has(file) || (existsSync(file) && checked.add(file).has(file));
  const errors = [...references(tree, experimentRoot)]
    .filter(({ file }) => !isThere(file))
    .map(({ file, origin }) => missingFile(file, cwd, toLocation(origin)));
  if (errors.length > 0) throw new N2uqErrors(errors);
}

function* references(tree: Tree, schema: Schema): Generator<{ file: string; origin: Tree["origin"] }> {
  if ("entries" in tree) {
    for (const [key, child] of tree.entries) yield* references(child, schemaUnder(schema, key));
  } else if ("scalar" in tree && schema["x-path"] === "must-exist" && typeof tree.scalar === "string") {
    yield { file: tree.scalar, origin: tree.origin };
  }
}
