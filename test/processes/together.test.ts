import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import t from "tap";
import { runFiles, unitEnvironment } from "../../scripts/unit/run.js";
import { root } from "../helpers/root.js";

const passing = `
import t from "tap";
t.test("own folder", async (t) => {
  t.match(t.testdir(), /own-folder/);
  process.env.N2UQ_LEFT_BY_A_TEST = "1";
});`;
const looking = `
import { test } from "tap";
import t from "tap";
test("no trace", async (t) => t.equal(process.env.N2UQ_LEFT_BY_A_TEST, undefined));
t.test("waits", (t) => setTimeout(() => t.end(t.pass()), 10));`;
const failing = `
import t from "tap";
t.test("fails", async (t) => t.equal(1, 2));
console.error("said by the process");`;
const leaving = `
import t from "tap";
t.test("leaves", async (t) => { t.pass(); process.exit(3); });`;
const broken = "throw new Error('never loads');";
const endless = `
import t from "tap";
t.test("never ends", async () => { for (;;); });`;

/** Which files pass and fail when they share a process, and what was printed of each. */
async function run(t: { testdir(): string }, timeoutMs: number, files: Record<string, string>) {
  const folder = t.testdir();
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.ts`), text);
  const paths = Object.keys(files).map((name) => relative(root, join(folder, `${name}.test.ts`)));
  const found: Record<string, { ok: boolean; expired: boolean; text: string }> = {};
  await runFiles(paths, { jobs: 2, timeoutMs, env: unitEnvironment() }, (file, result) => {
    const { ok, expired, tap, stderr } = result;
    found[/([a-z]+)\.test\.ts$/.exec(file)?.[1] ?? file] = { ok, expired, text: `${tap}\n${stderr}` };
  });
  return found;
}

t.test("files that share a process pass and fail each by itself, and leave no variable behind", async (t) => {
  const found = await run(t, 60_000, { passing, failing, broken, looking });
  t.match(found, {
    passing: { ok: true, text: /^ok 1 - own folder/m },
    failing: { ok: false, text: /not ok 1 - fails[\s\S]*said by the process/ },
    broken: { ok: false, text: /never loads/ },
    looking: { ok: true, text: /^ok 2 - waits/m },
  });
  t.equal(Object.keys(found).length, 4);
});

t.test("a file that ends the process fails, and so do those that did not run", async (t) => {
  const found = await run(t, 60_000, { passing, leaving, looking });
  t.match(found, {
    passing: { ok: true },
    leaving: { ok: false, text: /# Subtest: leaves/ },
    looking: { ok: false, text: /did not run: a file before it ended the process/ },
  });
});

t.test("a file that does not end is stopped, and named", async (t) => {
  const found = await run(t, 4000, { passing, endless });
  t.match(found, { passing: { ok: true }, endless: { ok: false, expired: true } });
});
