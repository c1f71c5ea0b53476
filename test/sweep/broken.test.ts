import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { resolveCells } from "../../runners/sweep/cells.js";
import { formatError } from "../../src/config/format.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "fixtures", "sweeps");

/** Everything that happens to a sweep before anything is written. */
async function check(files: string[], flags: SweepFlags = {}): Promise<N2uqError | N2uqErrors> {
  try {
    await resolveCells(await readSweep(files, flags, folder), { cwd: folder }, join(folder, "runs"));
  } catch (error) {
    if (error instanceof N2uqError || error instanceof N2uqErrors) return error;
    throw error;
  }
  throw new Error(`${files} is not broken`);
}

const shown = (error: N2uqError | N2uqErrors) => formatError(error, { color: false, cwd: folder });
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

t.test("every broken sweep has its expected text, and every text its sweep", async (t) => {
  const texts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  t.same(
    texts.map((name) => name.replace(".txt", ".yaml")),
    files,
  );
  t.ok(files.length >= 30, `${files.length} broken sweeps`);
});

for (const file of files) {
  t.test(file, async (t) => {
    const error = await check([file]);
    const expected = join(folder, file.replace(".yaml", ".txt"));
    if (process.env.N2UQ_WRITE_EXPECTED === "1") writeFileSync(expected, `${shown(error)}\n`);
    t.equal(`${shown(error)}\n`, readFileSync(expected, "utf8"));
    t.equal(error.exitCode, 2);
    for (const one of error instanceof N2uqErrors ? error.errors : [error]) t.ok(one.hint, "has a hint");
  });
}

t.test("flags are faulted where they stand", async (t) => {
  const cases: [SweepFlags, string[]][] = [
    [{ grid: ["bits="] }, ["the axis bits has no value", "  --> --grid", "   | bits="]],
    [{ grid: ["bits"] }, ["the axis bits has no value", "  --> --grid", "   | bits"]],
    [{ grid: ["bitz=2,3"] }, ["unknown path bitz in --grid", "  --> --grid", "   | bitz=2,3"]],
    [{ grid: ["bits=2,33"] }, ["quantization.bits must be", "  --> --grid", "   | bits=33"]],
    [{ zip: ["weights=2,4", "activations=3"] }, ["weights has 2, activations has 1", "  --> --zip"]],
    [{ grid: ["bits=2,3"], zip: ["bits=2,3"] }, ["the axes bits and bits set the same value", "  --> --zip"]],
    [{ grid: ["bits=2"], exclude: ["bits=2"] }, ["the sweep has no cells: 1 of 1 are excluded"]],
    [{ grid: ["bits=2"], exclude: ["bits=3"] }, ["no cell has bits=3", "  --> --exclude", "   | bits=3"]],
    [{ seeds: "many" }, ["seeds must be", "  --> --seeds", "   | many"]],
  ];
  for (const [flags, texts] of cases) {
    const text = shown(await check(["parts/student.yaml"], flags));
    for (const part of texts) t.match(text, part, `${JSON.stringify(flags)}: ${part}`);
  }
});
