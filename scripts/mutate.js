// npm run mutate -- [--room core]… [--file src/core/lsq.ts]… [--sample N] [--seed S] [--jobs N]: mutation
// testing. Changes one operator, number, boolean, condition or function of TensorFlow.js at a time, and runs
// the unit tests that import the changed file. A change is caught if a test fails or does not end. A
// surviving change is a failure, unless scripts/mutate/accepted.json has a reason for it.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import "../test/helpers/fixtures.js";
import { mutantsOf, mutated } from "./mutate/mutants.js";
import { isUnitTest, root, testFiles } from "./unit/files.js";
import { reachedSources } from "./unit/imports.js";
import { runFile, unitEnvironment } from "./unit/run.js";

const ROOMS = ["core", "ops", "graph", "resolve", "config", "train", "runs"];
/**
 * A test counts as not ending if its CPU time exceeds SLOWER times its time without the change plus
 * SECONDS_MORE, or if it takes MINUTES of wall time (long, because other work may run on the machine).
 */
const [SLOWER, SECONDS_MORE, MINUTES] = [2, 10, 10];

const { values } = parseArgs({
  options: {
    room: { type: "string", multiple: true, default: [] },
    file: { type: "string", multiple: true, default: [] },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
  },
});

const folder = mkdtempSync(join(tmpdir(), "n2uq-mutate-"));
/** A folder in that of the fixtures, so that tests do not find the repository's config. */
const fixtures = mkdtempSync(join(root, ".tap", "fixtures", "mutate-"));
process.on("exit", () => {
  for (const one of [folder, fixtures]) rmSync(one, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

const text = (file) => readFileSync(join(root, file), "utf8");
const accepted = JSON.parse(readFileSync(new URL("./mutate/accepted.json", import.meta.url), "utf8"));
const reasonFor = ({ file, was, from, to }) =>
  accepted.find((one) => one.file === file && one.line === was && one.change === `${from} → ${to}`)?.reason;

const mutants = sample(sources().flatMap((file) => mutantsOf(file, text(file))));
if (mutants.length === 0) {
  console.error(`Nothing to change. Rooms: ${ROOMS.join(", ")}.`);
  process.exit(2);
}
const reached = await reachedSources(testFiles().filter(isUnitTest));
/** The time of each test without a change, in ms. */
const times = new Map();
await measure(new Set(mutants.flatMap(({ file }) => testsOf(file))));
console.log(`${mutants.length} changes, seed ${values.seed}`);

const counts = { caught: 0, accepted: 0, survived: 0 };
const byRoom = new Map();
await inParallel(mutants, async (mutant) => {
  const by = await catcher(mutant);
  const reason = by === null ? reasonFor(mutant) : undefined;
  const state = by !== null ? "caught" : reason !== undefined ? "accepted" : "survived";
  counts[state] += 1;
  const room = mutant.file.split("/").slice(0, 2).join("/");
  const own = byRoom.get(room) ?? { caught: 0, all: 0 };
  byRoom.set(room, { caught: own.caught + (by === null ? 0 : 1), all: own.all + 1 });
  const where = `${mutant.file}:${mutant.line}`;
  const mark = { caught: "✓", accepted: "–", survived: "✗" }[state];
  console.log(
    `${mark} ${where}  ${short(mutant.from)} → ${short(mutant.to)}  ${by ?? reason ?? `survived: ${mutant.was}`}`,
  );
});

for (const [room, { caught, all }] of [...byRoom].sort()) {
  console.log(`${room}: ${caught} of ${all} caught, ${((100 * caught) / all).toFixed(0)} %`);
}
console.log(`${counts.caught} caught, ${counts.accepted} accepted, ${counts.survived} survived`);
process.exitCode = counts.survived > 0 ? 1 : 0;

/** The sources of the requested rooms or files. */
function sources() {
  if (values.file.length > 0) return values.file;
  const rooms = values.room.length > 0 ? values.room : ROOMS;
  return rooms.flatMap((room) =>
    readdirSync(join(root, "src", room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `src/${room}/${name.replaceAll("\\", "/")}`)
      .sort(),
  );
}

/** The requested number of mutants, drawn by the seed, in the order of the sources. */
function sample(all) {
  if (values.sample === undefined) return all;
  const draw = ({ file, start, to }) =>
    createHash("sha1").update([values.seed, file, start, to].join("\0")).digest("hex");
  const drawn = new Set(
    all
      .map((mutant) => ({ mutant, key: draw(mutant) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, Number(values.sample))
      .map(({ mutant }) => mutant),
  );
  return all.filter((mutant) => drawn.has(mutant));
}

/**
 * The unit tests that import a source: its own test, those of its room, then the others; in each group the
 * fastest first.
 */
function testsOf(file) {
  const room = file.split("/")[1];
  const own = file.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts");
  const far = (test) => (test === own ? 0 : test.startsWith(`test/${room}/`) ? 1 : 2);
  return [...reached]
    .filter(([, found]) => found.has(file))
    .map(([test]) => test)
    .sort((a, b) => far(a) - far(b) || (times.get(a) ?? 0) - (times.get(b) ?? 0));
}

/** Runs each test once without a change. Drops tests that fail, because they cannot detect a change. */
async function measure(tests) {
  const options = { env: environment("measure"), timeoutMs: 300_000 };
  await inParallel([...tests], async (test) => {
    const { ok, ms } = await runFile(test, options);
    times.set(test, ms);
    if (ok) return;
    console.error(`${test} fails without a change and is skipped: npm run test:unit -- ${test}`);
    reached.delete(test);
  });
}

/**
 * The environment of a unit test; two jobs that run the same test have different folders of `t.testdir()`.
 */
function environment(job) {
  return { ...unitEnvironment(), TAP_CWD: join(fixtures, job) };
}

/** The first test that detects a change, or null. */
async function catcher(mutant) {
  const name = createHash("sha1").update(JSON.stringify(mutant)).digest("hex");
  const changed = join(folder, name);
  writeFileSync(changed, mutated(mutant, text(mutant.file)));
  const replaced = JSON.stringify({ [join(root, mutant.file)]: changed });
  const env = { ...environment(name), TAP_BAIL: "1", N2UQ_REPLACED_SOURCES: replaced };
  for (const test of testsOf(mutant.file)) {
    const cpuSeconds = Math.ceil((SLOWER * (times.get(test) ?? 0)) / 1000 + SECONDS_MORE);
    const { ok, expired } = await runFile(test, { env, timeoutMs: 60_000 * MINUTES, cpuSeconds });
    if (!ok) return expired ? `${test} does not end` : test;
  }
  return null;
}

async function inParallel(list, work) {
  const waiting = [...list];
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, one));
}

function short(code) {
  const line = code.replace(/\s+/g, " ");
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
