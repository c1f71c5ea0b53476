// npm run test:unit -- [files] [--watch] [--jobs N] [--timeout SECONDS] [--engines]: runs the unit tests from
// source, without a build. With `--watch` it continues and, after each change, runs the tests that import a
// changed file. `--engines` uses installed engines, like `npm test`.
import { watch } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import "../test/helpers/fixtures.js";
import { isUnitTest, root, testFiles } from "./unit/files.js";
import { reachedSources } from "./unit/imports.js";
import { runAndReport } from "./unit/report.js";
import { unitEnvironment } from "./unit/run.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    watch: { type: "boolean", default: false },
    engines: { type: "boolean", default: false },
    jobs: { type: "string", default: "2" },
    timeout: { type: "string", default: "120" },
  },
});
const watched = ["index.ts", "src", "runners", "cli", "schemas", "test", "experiments"];
const options = {
  jobs: Number(values.jobs),
  timeoutMs: 1000 * Number(values.timeout),
  env: unitEnvironment(values),
};

const print = (text) => process.stdout.write(text);

/** The given files and those in given folders, or all unit tests if none are given. */
function chosen() {
  const all = testFiles();
  if (positionals.length === 0) return all.filter(isUnitTest);
  const places = positionals.map((place) => relative(root, resolve(place)).replaceAll("\\", "/"));
  const none = places.find((place) => !all.some((file) => isIn(file, place)));
  if (none !== undefined) {
    console.error(`There is no test in ${none}.`);
    process.exit(2);
  }
  const files = all.filter((file) => places.some((place) => isIn(file, place)));
  const other = files.find((file) => !isUnitTest(file));
  if (other !== undefined) {
    console.error(`${other} starts processes or needs a build: npx tap ${other}`);
    process.exit(2);
  }
  return files;
}

function isIn(file, place) {
  return file === place || file.startsWith(`${place}/`);
}

/**
 * The tests that import a changed file; all tests if a changed file is not a source (a schema, a fixture).
 */
async function affected(changed) {
  const tests = chosen();
  const reached = await reachedSources(tests);
  const isSource = (file) => [...reached.values()].some((sources) => sources.has(file));
  if (![...changed].every((file) => file.endsWith(".ts") || isSource(file))) return tests;
  return tests.filter((test) => [...changed].some((file) => reached.get(test)?.has(file)));
}

/**
 * Runs the tests that changes affect, one run at a time. A change during a run stops it and is part of the
 * next run.
 */
async function keepWatching() {
  let changed = new Set();
  let wake = () => {};
  let running = new AbortController();
  let last = chosen();
  const take = (file) => {
    changed.add(file);
    running.abort();
    wake();
  };
  for (const place of watched) {
    watch(resolve(root, place), { recursive: !place.endsWith(".ts") }, (_, name) => {
      const file = place.endsWith(".ts") ? place : `${place}/${String(name).replaceAll("\\", "/")}`;
      if (/\.(ts|js|mjs|json|yaml)$/.test(file)) take(file);
    });
  }
  for (;;) {
    running = new AbortController();
    if (last.length > 0)
      await runAndReport(last, { ...options, signal: running.signal }, print).catch(showError);
    const interrupted = running.signal.aborted ? last : [];
    if (changed.size === 0) {
      print("\nwaiting for a change…\n");
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    // An editor may write a file in several operations.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = changed;
    changed = new Set();
    print(`\n${[...now].join(", ")} changed\n`);
    const next = await affected(now).catch((error) => {
      showError(error);
      return [];
    });
    last = [...new Set([...next, ...interrupted])];
  }
}

function showError(error) {
  print(`${error.message}\n`);
}

if (values.watch) await keepWatching();
else await runAndReport(chosen(), options, print);
