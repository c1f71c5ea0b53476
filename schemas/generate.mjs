/**
 * Adds the fragments of all parts to the published schemas, and generates TypeScript types from the schemas.
 * `node schemas/generate.mjs --check` writes nothing and fails if a generated file does not match its
 * sources.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";
import { foldSchemas, readFragments, readJson, TABLES } from "./fragments.mjs";
import { forTypes, frozen, published } from "./types.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const generated = "src/schema/generated";
const checking = process.argv.includes("--check");
const banner = (source) => `// Generated from schemas/${source} by \`npm run schemas\`. Do not edit.\n`;

const typesOf = (schema, name, source, before = "") =>
  compile(schema, name, {
    bannerComment: banner(source) + before,
    additionalProperties: false,
    format: true,
    style: { printWidth: 110 },
  });

const { experiment, config } = await foldSchemas();
const sweep = readJson("sweep.schema.json");
const run = readJson("run.schema.json");

/**
 * The names of every table's parts. A table in `src` with a missing or an additional part does not compile.
 */
const names = TABLES.map((table) => {
  const parts = readFragments().filter((part) => part.table === table);
  return `  readonly ${table}: ${parts.map(({ name }) => `"${name}"`).join(" | ")};`;
});
const partNames = `${banner("*/*.json")}
/** The parts that the schemas' fragments declare, by table. */
export interface PartNames {
${names.join("\n")}
}
`;

const importsExperiment = '\nimport type { Experiment } from "./experiment.js";\n';
const outputs = {
  "schemas/experiment.schema.json": `${JSON.stringify(published(experiment), null, 2)}\n`,
  "schemas/config.schema.json": `${JSON.stringify(published(config), null, 2)}\n`,
  [`${generated}/parts.ts`]: partNames,
  [`${generated}/experiment.ts`]: await typesOf(
    forTypes(experiment, "written"),
    "Experiment",
    "source and fragments",
  ),
  [`${generated}/complete.ts`]: frozen(
    await typesOf(forTypes(experiment, "complete"), "CompleteExperiment", "source and fragments"),
  ),
  [`${generated}/resolved.ts`]: frozen(
    await typesOf(
      { ...forTypes(experiment, "resolved"), title: "ResolvedSections" },
      "ResolvedSections",
      "source and fragments",
    ),
  ),
  [`${generated}/config.ts`]: await typesOf(
    forTypes(config, "written"),
    "ProjectConfig",
    "source/config.json",
    importsExperiment,
  ),
  [`${generated}/sweep.ts`]: await typesOf(forTypes(sweep, "written"), "Sweep", "sweep.schema.json"),
  [`${generated}/run.ts`]: await typesOf(forTypes(run, "written"), "RunFiles", "run.schema.json"),
};

await mkdir(join(root, generated), { recursive: true });
for (const [file, text] of Object.entries(outputs)) {
  if (!checking) {
    await writeFile(join(root, file), text);
    continue;
  }
  const old = await readFile(join(root, file), "utf8").catch(() => "");
  if (old !== text) {
    console.error(`${file} does not match its sources in schemas/; run \`npm run schemas\``);
    process.exitCode = 1;
  }
}
