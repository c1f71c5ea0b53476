/** Reads the sources of the schemas: `source/`, and the folder of fragments of each table of parts. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const schemas = dirname(fileURLToPath(import.meta.url));

/** The tables of parts, and the folders of their fragments. */
export const TABLES = [
  "models",
  "quantizers",
  "datasets",
  "augmentations",
  "optimizers",
  "schedules",
  "losses",
];

export function readJson(file) {
  return JSON.parse(readFileSync(join(schemas, file), "utf8"));
}

/**
 * The module `src/schema/parts.ts`, which also adds the parts of plug-ins at run time. It imports nothing.
 */
async function foldingCode() {
  const source = readFileSync(join(schemas, "..", "src", "schema", "parts.ts"), "utf8");
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/** Every fragment: `{ table, name, fragment }`. References to options of source/common.json are resolved. */
export function readFragments() {
  const common = readJson("source/common.json");
  return TABLES.flatMap((table) =>
    readdirSync(join(schemas, table))
      .filter((file) => file.endsWith(".json"))
      .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
      .map((file) => {
        const fragment = readJson(`${table}/${file}`);
        check(fragment, table, `schemas/${table}/${file}`);
        const properties = Object.entries(fragment.properties ?? {}).map(([key, option]) => [
          key,
          inlined(option, common, `${table}/${file}`),
        ]);
        return {
          table,
          name: nameOf(file),
          fragment: { ...fragment, properties: Object.fromEntries(properties) },
        };
      }),
  );
}

/** Checks the keys that the schemas and the generated types need. @throws Error with the file and the key */
function check({ description, properties = {} }, table, file) {
  if (!description) throw new Error(`${file}: lacks a description`);
  if (table !== "quantizers") return;
  for (const [key, option] of Object.entries(properties)) {
    for (const word of ["description", "examples"])
      if (!option[word] && !option.$ref) throw new Error(`${file}: the option ${key} lacks ${word}`);
    if (option["x-effective"] !== true)
      throw new Error(
        `${file}: the option ${key} lacks "x-effective": true, which every option of a quantizer needs`,
      );
  }
}

const nameOf = (file) => file.replace(".json", "");

function inlined(option, common, file) {
  const shared = /^common\.json#\/(.+)$/.exec(option.$ref ?? "")?.[1];
  if (shared === undefined) return option;
  if (common[shared] === undefined) throw new Error(`schemas/${file}: source/common.json has no ${shared}`);
  const { $ref: _, ...own } = option;
  return { ...common[shared], ...own };
}

/** The schemas of an experiment and of a project's config, with all parts. */
export async function foldSchemas() {
  const { addPart } = await foldingCode();
  const fold = (source) =>
    readFragments().reduce(
      (schema, { table, name, fragment }) => addPart(schema, table, name, fragment),
      source,
    );
  return {
    experiment: fold({ $id: "experiment.schema.json", ...readJson("source/experiment.json") }),
    config: fold({ $id: "config.schema.json", ...readJson("source/config.json") }),
  };
}
