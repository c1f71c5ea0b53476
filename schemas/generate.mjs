/**
 * Writes what TypeScript needs of the schemas: their types, and their text as a module (so that reading them needs no disk).
 * `node schemas/generate.mjs --check` writes nothing and fails when a generated file is not what the schema says.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const schemas = dirname(fileURLToPath(import.meta.url));
const generated = join(schemas, "..", "src", "schema", "generated");
const banner = (source) => `// Generated from schemas/${source} by \`npm run schemas\`. Do not edit.\n`;
const checking = process.argv.includes("--check");

/** The schema without what types can't say: alternatives by if/then, and words beside a reference. */
function forTypes(schema) {
  if (Array.isArray(schema)) return schema.map(forTypes);
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref === "experiment.schema.json") return { tsType: "Experiment" };
  if (schema.$ref !== undefined) return { $ref: schema.$ref };
  if (schema.if !== undefined) return { tsType: "string | Experiment" };
  // A list of two stays a pair; any other bound is none of a type's business.
  const bounds = schema.minItems === schema.maxItems ? [] : ["minItems", "maxItems"];
  const untold = ["allOf", "examples", "default", ...bounds];
  const kept = Object.entries(schema).filter(([key]) => !untold.includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, forTypes(value)]));
}

async function typesOf(file, name, before = "") {
  const schema = JSON.parse(await readFile(join(schemas, file), "utf8"));
  const types = await compile(forTypes(schema), name, {
    bannerComment: banner(file) + before,
    additionalProperties: false,
    format: true,
    style: { printWidth: 110 },
  });
  return types;
}

async function moduleOf(file, name) {
  const schema = JSON.parse(await readFile(join(schemas, file), "utf8"));
  return `${banner(file)}\nexport const ${name}: unknown = ${JSON.stringify(schema, null, 2)};\n`;
}

const outputs = {
  "experiment.ts": await typesOf("experiment.schema.json", "Experiment"),
  "config.ts": await typesOf(
    "config.schema.json",
    "ProjectConfig",
    '\nimport type { Experiment } from "./experiment.js";\n',
  ),
  "sweep.ts": await typesOf("sweep.schema.json", "Sweep"),
  "run.ts": await typesOf("run.schema.json", "RunFiles"),
  "experimentSchema.ts": await moduleOf("experiment.schema.json", "experimentSchema"),
  "configSchema.ts": await moduleOf("config.schema.json", "configSchema"),
  "sweepSchema.ts": await moduleOf("sweep.schema.json", "sweepSchema"),
  "runSchema.ts": await moduleOf("run.schema.json", "runSchema"),
};

await mkdir(generated, { recursive: true });
for (const [file, text] of Object.entries(outputs)) {
  const path = join(generated, file);
  if (!checking) {
    await writeFile(path, text);
    continue;
  }
  const old = await readFile(path, "utf8").catch(() => "");
  if (old !== text) {
    console.error(`src/schema/generated/${file} is not what schemas/ says; run \`npm run schemas\``);
    process.exitCode = 1;
  }
}
