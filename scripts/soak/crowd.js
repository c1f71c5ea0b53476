// Ten concurrent processes that train one run, need one teacher, download one data set, or install one
// engine.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, environment, experiments, outcome } from "./shared.js";

const PROCESSES = 10;

/** @returns the exit codes of the processes, and the faults found */
export async function crowd({ folder, say }) {
  const base = join(folder, "crowd");
  rmSync(base, { recursive: true, force: true });
  const summary = { processes: PROCESSES, faults: [] };
  const check = (holds, what) => {
    if (!holds) summary.faults.push(what);
  };
  const place = prepare(join(base, "one"));
  const one = await together(place, () => ["run", "teacher.yaml", "--json"]);
  summary.run = tally(one);
  check(one.every(isSound), `one run: ${told(one)}`);
  checkRuns(place, 1, check);
  say(`one run: ${JSON.stringify(summary.run)}`);

  const school = prepare(join(base, "teacher"));
  const students = await together(school, (n) => [
    "run",
    "student.yaml",
    "--set",
    `training.seed=${n}`,
    "--json",
  ]);
  summary.teacher = tally(students);
  check(
    students.every(({ code }) => code === 0),
    `one teacher: ${told(students)}`,
  );
  checkRuns(school, PROCESSES + 1, check);
  say(`one teacher: ${JSON.stringify(summary.teacher)}`);

  const cache = join(base, "cache");
  const fetched = await together(base, () => ["data", "fetch", "mnist"], { N2UQ_CACHE: cache });
  summary.fetch = tally(fetched);
  const offline = fetched.every(({ text }) => text.includes("N2UQ_DATA_FETCH_FAILED"));
  if (offline) say("one data set: skipped, the registry does not answer");
  else {
    check(
      fetched.every(({ code }) => code === 0),
      `data fetch: ${told(fetched)}`,
    );
    const left = readdirSync(join(cache, "datasets"));
    check(left.length === 1, `data fetch left ${left.join(", ")}`);
    say(`one data set: ${JSON.stringify(summary.fetch)}`);
  }
  return summary;
}

/**
 * Ten processes install one engine, which must be built only once. A separate part, because it takes minutes.
 */
export async function installs({ folder, say }) {
  const engines = join(folder, "engines");
  rmSync(engines, { recursive: true, force: true });
  const summary = { processes: PROCESSES, faults: [] };
  const all = await together(folder, () => ["engine", "install", "torch"], { N2UQ_ENGINES: engines });
  summary.install = tally(all);
  const places = existsSync(join(engines, "torch")) ? readdirSync(join(engines, "torch")) : [];
  summary.left = places;
  if (all.some(({ code }) => code !== 0) || places.length !== 1) summary.faults.push(told(all));
  say(`one engine: ${JSON.stringify(summary.install)}`);
  return summary;
}

function prepare(place) {
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(experiments)) writeFileSync(join(place, name), text);
  return place;
}

function together(cwd, argsOf, more = {}) {
  mkdirSync(cwd, { recursive: true });
  return Promise.all(Array.from({ length: PROCESSES }, (_, index) => ended(cwd, argsOf(index), more)));
}

function ended(cwd, args, more) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: environment(more) });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      text += piece;
    });
  }
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, text })));
}

/** Whether a process finished, or reported that the run is locked. */
const isSound = ({ code, text }) => code === 0 || (code === 2 && text.includes("N2UQ_RUN_LOCKED"));
const told = (all) =>
  all
    .filter(({ code }) => code !== 0)
    .map(({ code, text }) => `exit ${code}: ${text.slice(-300)}`)
    .join(" | ");

function tally(all) {
  const counts = {};
  for (const { code, text } of all) {
    const [known] = code === 0 ? ["done"] : (/N2UQ_[A-Z_]+/.exec(text) ?? [`exit ${code}`]);
    counts[known] = (counts[known] ?? 0) + 1;
  }
  return counts;
}

function checkRuns(place, wanted, check) {
  const runs = outcome(join(place, "runs"));
  check(Object.keys(runs).length === wanted, `${Object.keys(runs).length} runs instead of ${wanted}`);
  for (const [name, run] of Object.entries(runs)) {
    check(
      run.ended === 1 && run.left.length === 0,
      `${name}: ${run.lost ?? `ended ${run.ended} times, left ${run.left}`}`,
    );
    const starts = readFileSync(join(place, "runs", name, "events.log"), "utf8").match(/ start /g)?.length;
    check(starts === 1, `${name} was started ${starts} times`);
  }
}
