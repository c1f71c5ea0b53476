// Runs that are killed, at random moments and at events, until they are done. The result of each must equal
// that of an undisturbed run bit by bit.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  bin,
  compare,
  count,
  drawer,
  environment,
  experiments,
  inParallel,
  oneOf,
  outcome,
} from "./shared.js";

const KILLS_A_ROUND = 8;
/**
 * Moments of kills: after a fraction of an undisturbed run's time, at one of these events, or when one of
 * FILES changes.
 */
const EVENTS = ["start", "step", "step", "evaluating", "evaluating", "checkpoint", "epoch", "done"];
/** The phase of a run that begins with each event. */
const PHASES = {
  start: "train",
  step: "train",
  checkpoint: "train",
  evaluating: "validate",
  epoch: "write",
  done: "load",
};
const FILES = [
  ...[/^lock$/, /resolved\.yaml/, /start\.json/, /last\.safetensors.*tmp$/, /last\.safetensors$/],
  ...[/best\.safetensors/, /analysis\.json/, /result\.json/, /tfevents/, /metrics\.jsonl/],
];

export async function killRuns({ engine, kills: wanted, seed, jobs, folder, say }) {
  const base = join(folder, engine);
  const whole = join(base, "whole");
  await prepare(whole);
  const started = performance.now();
  const first = await live(whole, engine, null);
  if (first.code !== 0) throw new Error(`the undisturbed run ended with ${first.code}: ${first.text}`);
  const ms = performance.now() - started;
  const right = outcome(join(whole, "runs"));
  const summary = {
    engine,
    seed,
    kills: 0,
    rounds: 0,
    undisturbedMs: Math.round(ms),
    phases: {},
    faults: [],
  };
  const rounds = Array.from({ length: wanted }, (_, round) => round);
  await inParallel(jobs, rounds, async (round) => {
    if (summary.kills >= wanted) return;
    summary.rounds += 1;
    const draw = drawer(seed * 1000 + round);
    const place = join(base, String(round));
    await prepare(place);
    for (let kill = 0; kill < KILLS_A_ROUND; kill++) {
      const life = await live(place, engine, momentOf(draw, ms));
      if (life.signal !== "SIGKILL") {
        if (life.code === 0) break;
        summary.faults.push({ round, faults: { failed: [`exit ${life.code}: ${life.text.slice(-500)}`] } });
        continue;
      }
      summary.kills += 1;
      summary.phases[life.phase] = (summary.phases[life.phase] ?? 0) + 1;
    }
    const last = await live(place, engine, null);
    const faults = compare(outcome(join(place, "runs")), right);
    if (last.code !== 0) faults.failed = [`exit ${last.code}: ${last.text.slice(-500)}`];
    if (count(faults) > 0) summary.faults.push({ round, faults });
    else rmSync(place, { recursive: true });
    say(`${engine}: ${summary.kills} kills in ${summary.rounds} rounds, ${summary.faults.length} faults`);
  });
  return summary;
}

async function prepare(place) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(experiments)) writeFileSync(join(place, name), text);
}

function momentOf(draw, ms) {
  const kind = oneOf(draw, ["time", "event", "file"]);
  if (kind === "time") return { afterMs: ms * draw() };
  const delayMs = draw() < 0.6 ? 0 : 20 * draw();
  const nth = 1 + Math.floor(draw() ** 2 * 8);
  return kind === "event"
    ? { event: oneOf(draw, EVENTS), nth, delayMs }
    : { file: oneOf(draw, FILES), nth, delayMs };
}

/** Runs one process to its end, or kills it at the given moment. */
function live(place, engine, moment) {
  const args = [bin, "run", "student.yaml", "--set", `engine=${engine}`, "--json"];
  const child = spawn(process.execPath, args, {
    cwd: place,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [text, errors, seen, phase] = ["", "", 0, "start"];
  const die = () => child.kill("SIGKILL");
  const strike = () => {
    seen += 1;
    if (seen === moment.nth) setTimeout(die, moment.delayMs);
  };
  child.stderr.on("data", (piece) => {
    errors += piece;
  });
  child.stdout.on("data", (piece) => {
    text += piece;
    for (const [, type] of String(piece).matchAll(/\{"type":"(\w+)"/g)) {
      phase = PHASES[type] ?? phase;
      if (moment?.event === type) strike();
    }
  });
  const stop = watchFiles(join(place, "runs"), (name) => {
    if (name === "lock") phase = "load";
    if (/tmp$|analysis|result/.test(name)) phase = "write";
    if (moment?.file?.test(name)) strike();
  });
  const timer = moment?.afterMs === undefined ? undefined : setTimeout(die, moment.afterMs);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      stop();
      resolve({ code, signal, phase, text: `${text.slice(-400)}${errors}` });
    });
  });
}

/**
 * Reports changed names in the run directories and their checkpoint folders, also in those that are created
 * later.
 */
function watchFiles(runs, onName) {
  const watchers = new Map();
  mkdirSync(runs, { recursive: true });
  const add = (folder, depth) => {
    if (watchers.has(folder) || !existsSync(folder)) return;
    const look = () => {
      if (depth < 2)
        for (const entry of readdirSync(folder, { withFileTypes: true })) {
          if (entry.isDirectory()) add(join(folder, entry.name), depth + 1);
        }
    };
    try {
      watchers.set(
        folder,
        watch(folder, (_, name) => {
          if (name !== null) onName(name);
          look();
        }),
      );
      look();
    } catch {
      // The folder was removed in the meantime.
    }
  };
  add(runs, 0);
  return () => {
    for (const watcher of watchers.values()) watcher.close();
  };
}
