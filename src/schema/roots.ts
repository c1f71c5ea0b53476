import { addPart, type Fragment, type Table } from "./parts.js";
import { readSchema } from "./published.js";
import type { Schema } from "./schema.js";

/** The schema of an experiment file, including the parts of plug-ins (extend.ts). */
export let experimentRoot: Schema = readSchema("experiment");
/** The schema of a project config, including the parts of plug-ins. */
export let configRoot: Schema = readSchema("config");
/** The schema of a sweep file. */
export const sweepRoot: Schema = readSchema("sweep");

/**
 * Resolves a `$ref`, merged with the keywords next to it. Searches the definitions of all schemas; their
 * names are unique.
 */
export function dereference(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const known = dereferenced.get(schema);
  if (known !== undefined) return known;
  const found = lookUp(schema, schema.$ref);
  dereferenced.set(schema, found);
  return found;
}

/** A cache, because a sweep resolves the same few references thousands of times. */
let dereferenced = new WeakMap<Schema, Schema>();

/** A part of a plug-in, as the schemas need it. */
export interface AddedPart {
  readonly table: Table;
  readonly name: string;
  readonly fragment: Fragment;
}

/** Adds parts to the schemas. `extendSchemas` also clears the values derived from them. */
export function extendRoots(parts: readonly AddedPart[]): void {
  for (const { table, name, fragment } of parts) {
    experimentRoot = addPart(experimentRoot, table, name, fragment);
    configRoot = addPart(configRoot, table, name, fragment);
  }
  dereferenced = new WeakMap();
}

function lookUp(schema: Schema, ref: string): Schema {
  if (ref === "experiment.schema.json") return experimentRoot;
  const name = ref.replace("#/definitions/", "");
  const found = [experimentRoot, configRoot, sweepRoot].map((root) => root.definitions?.[name]).find(Boolean);
  if (found === undefined) throw new Error(`the schema refers to ${ref}, which does not exist`);
  const { $ref: _reference, ...beside } = schema;
  return { ...found, ...beside };
}

/** The schema of the value at `path`; undefined for an unknown key. */
export function schemaAt(root: Schema, path: readonly (string | number)[]): Schema | undefined {
  let schema: Schema | undefined = dereference(root);
  for (const key of path) {
    const next: Schema | undefined = step(schema, key);
    if (next === undefined) return undefined;
    schema = dereference(next);
  }
  return schema;
}

function step(schema: Schema, key: string | number): Schema | undefined {
  if (typeof key === "number") return schema.items;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) {
    return schema.properties[key] || undefined;
  }
  if (schema.additionalProperties) return schema.additionalProperties;
  return schema.then === undefined ? undefined : step(dereference(schema.then), key);
}

/** The options of a part, as declared in its fragment. */
export function optionsOf(table: Table, part: string): readonly string[] {
  return sectionOf(table)?.["x-parts"]?.options?.[part] ?? [];
}

/** The schema of the experiment's section that contains the options of this table's parts. */
export function sectionOf(table: Table): Schema | undefined {
  const sections = Object.values(experimentRoot.definitions ?? {});
  return sections.find((section) => section["x-parts"]?.folder === table && section["x-parts"].options);
}

/** Whether a loss needs a teacher, according to its fragment. */
export function isTaught(loss: string): boolean {
  return sectionOf("losses")?.["x-parts"]?.taught?.includes(loss) ?? false;
}
