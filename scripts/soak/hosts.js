// Two processes with different host names and one folder. While one of them validates for longer than the
// lock's silence limit, the other one is rejected. After the first is killed, the other one resumes and
// finishes the run.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, compare, count, drawer, environment, experiments, outcome, root, sleep } from "./shared.js";

const slow = `file://${join(root, "scripts", "soak", "slowFiles.js")}`;
const SILENCE_S = 3;
/**
 * Duration of a validation. A silent lock counts as dead after at most six seconds, and the other process
 * needs time to start.
 */
const VALIDATES_MS = 9000;
const BEGINNINGS = 4;

export async function takeTurns({ rounds, seed, folder, say }) {
  const base = join(folder, "hosts");
  const whole = join(base, "whole");
  prepare(whole, 48);
  const trial = performance.now();
  await run(whole, "host-0").done;
  const briefMs = performance.now() - trial;
  const validatesMs = Math.max(VALIDATES_MS, BEGINNINGS * briefMs);
  const images = await imagesFor(base, briefMs, validatesMs);
  prepare(whole, images);
  const right = await run(whole, "host-0").done;
  if (right.code !== 0) throw new Error(`the undisturbed run ended with ${right.code}: ${right.text}`);
  const wanted = outcome(join(whole, "runs"));
  const summary = {
    kind: "turns",
    seed,
    rounds: 0,
    images,
    refused: 0,
    validatedMs: 0,
    together: 0,
    faults: [],
  };
  for (let round = 0; round < rounds; round++) {
    const draw = drawer(seed * 1000 + 700 + round);
    const place = join(base, String(round));
    prepare(place, images);
    const first = run(place, "host-0");
    await first.validating;
    const began = performance.now();
    while (!first.ended() && performance.now() - began < validatesMs * (0.5 + 0.3 * draw())) {
      const other = await run(place, "host-1").done;
      const isRefused = other.code === 2 && other.text.includes("N2UQ_RUN_LOCKED");
      if (isRefused) summary.refused += 1;
      // The other process may start just after the first one has finished.
      else if (!other.text.includes('"cached":true')) summary.faults.push({ round, other });
    }
    summary.validatedMs = Math.max(summary.validatedMs, Math.round(performance.now() - began));
    first.child.kill("SIGKILL");
    await first.done;
    let last;
    const until = performance.now() + 60_000;
    do {
      last = await run(place, "host-1").done;
      if (last.code !== 0) await sleep(100);
    } while (last.code === 2 && performance.now() < until);
    const faults = compare(outcome(join(place, "runs")), wanted);
    if (last.code !== 0) faults.failed = [last.text.slice(-300)];
    if (count(faults) > 0) summary.faults.push({ round, faults });
    if (startsIn(join(place, "runs")) > 2) summary.together += 1;
    summary.rounds += 1;
    say(`hosts: ${summary.rounds} rounds, ${summary.refused} refused, ${summary.faults.length} faults`);
  }
  return summary;
}

function prepare(place, images) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const text = experiments["teacher.yaml"].replace("testSize: 48", `testSize: ${images}`);
  writeFileSync(join(place, "teacher.yaml"), text);
}

/**
 * The number of images for a validation of this duration, from the additional time of a run with more images.
 */
async function imagesFor(base, briefMs, validatesMs) {
  const place = join(base, "trial");
  prepare(place, 4800);
  const started = performance.now();
  await run(place, "host-0").done;
  // Each image is evaluated twice: in the run's validation, and in the evaluation at its end.
  const each = Math.max(0.02, (performance.now() - started - briefMs) / 4752 / 2);
  return Math.ceil(validatesMs / each / 16) * 16;
}

function run(place, host) {
  const env = environment({
    SOAK_HOST: host,
    N2UQ_LOCK_SILENCE: String(SILENCE_S),
    NODE_OPTIONS: `--import=${slow}`,
  });
  const child = spawn(process.execPath, [bin, "run", "teacher.yaml", "--json"], { cwd: place, env });
  let text = "";
  let tell = () => {};
  const validating = new Promise((resolve) => {
    tell = resolve;
  });
  const hear = (piece) => {
    text = (text + piece).slice(-20_000);
    if (String(piece).includes('"type":"evaluating"')) tell();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  let over = false;
  const done = new Promise((resolve) => {
    child.on("close", (code, signal) => {
      over = true;
      tell();
      resolve({ code, signal, text });
    });
  });
  return { child, validating, done, ended: () => over };
}

function startsIn(runs) {
  const logs = readdirSync(runs).map((name) => readFileSync(join(runs, name, "events.log"), "utf8"));
  return logs.join("").match(/ start /g)?.length ?? 0;
}
