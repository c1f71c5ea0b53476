import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "tap";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** Runs tap, with this project's reporter, over plain JavaScript files in a separate folder. */
function runTap(folder: string, args: string[] = []) {
  symlinkSync(resolve(ROOT, "node_modules"), resolve(folder, "node_modules"), "dir");
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^_?TAP/.test(name) && name !== "NODE_OPTIONS",
  );
  const reporter = resolve(ROOT, "test/reporter/closing.js");
  const run = spawnSync(
    process.execPath,
    [
      resolve(ROOT, "node_modules/tap/dist/esm/run.mjs"),
      ...[
        "--disable-coverage",
        "--allow-incomplete-coverage",
        "--jobs=2",
        `--reporter=${reporter}`,
        "--no-color",
      ],
      ...args,
    ],
    { cwd: folder, env: Object.fromEntries(inherited), encoding: "utf8" },
  );
  return { output: run.stdout, lines: run.stdout.trimEnd().split("\n"), status: run.status };
}

const settings = { "package.json": '{ "name": "tried", "type": "module" }' };

const passing = `import { test } from "tap";
  test("adds", async (t) => { t.equal(1 + 1, 2); t.equal(2 + 2, 4); });
  test("has parts", async (t) => { await t.test("part", async (t) => { t.ok(true); }); });
  test("on a GPU", { skip: "no GPU" }, async (t) => { t.fail(); });`;

const failing = `import { test } from "tap";
  test("compares", async (t) => { t.same({ bits: [2, 3] }, { bits: [2, 4] }); t.equal(1, 2); });
  test("throws", async (t) => { t.ok(true); throw new Error("broken on purpose"); });
  test("forgets", async () => {});
  test("still runs", async (t) => { t.ok(true); });`;

const crashing = `import { test } from "tap";
  test("before", async (t) => { t.ok(true); });
  test("dies", async (t) => { t.ok(true); process.exit(1); });`;

const leaving = `import { test } from "tap";
  test("before", async (t) => { t.ok(true); });
  process.on("exit", () => { process.exitCode = 7; });`;

const hanging = `import { test } from "tap";
  test("waits", async (t) => { t.ok(true); await new Promise(() => setTimeout(() => {}, 1e5)); });`;

const empty = 'console.log("nothing is asserted here");';

test("every way to fail is counted once, and the last line counts", (t) => {
  const folder = {
    "passing.test.js": passing,
    "failing.test.js": failing,
    "crashing.test.js": crashing,
    "leaving.test.js": leaving,
    "empty.test.js": empty,
  };
  const { output, lines, status } = runTap(t.testdir({ ...settings, test: folder }));
  const line = (name: string) =>
    lines.find((text) => text.includes(`test/${name}.test.js: `) && / passed/.test(text));

  t.match(line("passing"), /^✓ .*: 2 passed, 1 skipped/);
  t.match(line("failing"), /^✗ .*: 1 passed, 3 failed/);
  t.match(line("crashing"), /^✗ .*: 1 passed, 1 failed/, "what passed before the crash stays passed");
  t.match(line("leaving"), /^✗ .*: 1 passed, 1 failed/, "an exit code is a failure of its own");
  t.match(line("empty"), /^✗ .*: 0 passed, 1 failed/);
  t.equal(lines.at(-1), "5 passed, 6 failed");
  t.equal(lines.at(-2), "1 skipped");
  t.not(status, 0);

  t.match(output, /✗ test\/failing\.test\.js › throws › broken on purpose/);
  t.match(output, /-\s+4,\n\s*\+\s+3,/, "the difference is shown");
  t.match(output, /at test\/failing\.test\.js:2:\d+/);
  t.match(output, /✗ test\/failing\.test\.js › forgets: asserts nothing/);
  t.match(output, /✗ test\/crashing\.test\.js › dies › test unfinished/);
  t.match(output, /exitCode: 7/);
  t.match(output, /nothing is asserted here/, "what a file prints is passed on");
  t.end();
});

test("a run without failures ends well, one that asserts nothing does not", (t) => {
  const good = runTap(t.testdir({ ...settings, test: { "passing.test.js": passing } }));
  t.equal(good.lines.at(-1), "2 passed, 0 failed");
  t.equal(good.status, 0);

  const bad = runTap(t.testdir({ ...settings, test: { "empty.test.js": empty } }));
  t.equal(bad.lines.at(-1), "0 passed, 1 failed");
  t.not(bad.status, 0, "although tap alone is content");
  t.end();
});

test("a file that takes too long does not hide those after it", (t) => {
  const folder = { "first.test.js": hanging, "second.test.js": hanging };
  const { lines, status } = runTap(t.testdir({ ...settings, test: folder }), ["--timeout=2", "--jobs=1"]);
  t.equal(lines.at(-1), "0 passed, 2 failed");
  t.not(status, 0);
  t.end();
});
