/**
 * Compiles the validators of the schemas into dist, as the last step of `npm run build`, so that commands
 * need not load ajv and compile them. A schema that is extended at run time is compiled at run time
 * (src/schema/compile.ts).
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { codeFile, codeOf } from "../dist/src/schema/compile.js";
import { runFileSource } from "../dist/src/schema/runFiles.js";
import { sourceOf } from "../dist/src/schema/validate.js";

const folder = new URL("../dist/src/schema/compiled/", import.meta.url);
const run = JSON.parse(await readFile(new URL("run.schema.json", import.meta.url), "utf8"));

const sources = [
  ...["overlay", "complete", "config", "sweep"].map((name) => [name, sourceOf(name)]),
  ...Object.keys(run.definitions).map((kind) => [kind, runFileSource(kind)]),
];

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [name, source] of sources)
  await writeFile(new URL(codeFile(name, source), folder), codeOf(source));
