// Sweeps of which the command, one cell or all processes are killed at random moments; two sweeps share their
// cells.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  sleep,
} from "./shared.js";

const KILLS_A_ROUND = 6;
const grids = ["quantization.bits=2,3", "quantization.bits=3,2"];

export async function killSweeps({ kills: wanted, seed, jobs, folder, say }) {
  const base = join(folder, "sweeps");
  const whole = join(base, "whole");
  prepare(whole);
  const started = performance.now();
  const first = await end(sweep(whole, grids[0]));
  if (first.code !== 0) throw new Error(`the undisturbed sweep ended with ${first.code}: ${first.text}`);
  const ms = performance.now() - started;
  const right = outcome(join(whole, "runs"));
  const summary = {
    seed,
    kills: 0,
    rounds: 0,
    shared: 0,
    victims: {},
    undisturbedMs: Math.round(ms),
    faults: [],
  };
  await inParallel(
    jobs,
    Array.from({ length: wanted }, (_, round) => round),
    async (round) => {
      if (summary.kills >= wanted) return;
      summary.rounds += 1;
      const draw = drawer(seed * 1000 + 500 + round);
      const place = join(base, String(round));
      prepare(place);
      for (let kill = 0; kill < KILLS_A_ROUND && summary.kills < wanted; kill++) {
        // In half of the cases two concurrent commands, each with a sweep over the same cells.
        const both = draw() < 0.5;
        const children = (both ? grids : [grids[0]]).map((grid) => sweep(place, grid));
        const ends = children.map(end);
        if (both) summary.shared += 1;
        await Promise.race([sleep(ms * (0.15 + 1.1 * draw())), Promise.all(ends)]);
        const victim = oneOf(draw, ["command", "cell", "all"]);
        const struck = strike(victim, children, place, draw);
        if (struck > 0) summary.victims[victim] = (summary.victims[victim] ?? 0) + struck;
        summary.kills += struck;
        // The remaining processes continue for some time: cells end by themselves, or the other command runs
        // them.
        await Promise.race([sleep(ms * draw()), Promise.all(ends)]);
        for (const { child } of children) kill9(-child.pid);
        await Promise.all(ends);
      }
      // Two concurrent commands until the end; each cell must be run once.
      const last = await Promise.all(grids.map((grid) => end(sweep(place, grid))));
      const faults = compare(outcome(join(place, "runs")), right);
      const failed = last.filter(({ code }) => code !== 0);
      if (failed.length > 0)
        faults.failed = failed.map(({ code, text }) => `exit ${code}: ${text.slice(-500)}`);
      if (count(faults) > 0) summary.faults.push({ round, faults });
      else rmSync(place, { recursive: true });
      say(`sweeps: ${summary.kills} kills in ${summary.rounds} rounds, ${summary.faults.length} faults`);
    },
  );
  return summary;
}

function prepare(place) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const [name, text] of Object.entries(experiments)) writeFileSync(join(place, name), text);
}

/** Starts a sweep in a separate process group, so that all its processes can be killed at once. */
function sweep(place, grid) {
  const args = [bin, "sweep", "student.yaml", "--grid", grid, "--jobs", "2", "--retries", "3", "--json"];
  const options = { cwd: place, env: environment(), stdio: ["ignore", "pipe", "pipe"], detached: true };
  const child = spawn(process.execPath, args, options);
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      output.text += piece;
    });
  }
  const done = new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
  return { child, output, done };
}

async function end({ output, done }) {
  return { ...(await done), text: output.text };
}

/** Kills the victim. @returns the number of killed processes */
function strike(victim, children, place, draw) {
  const living = children.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  if (victim === "cell") return cellsOf(place).slice(0, 1).filter(kill9).length;
  if (living.length === 0) return 0;
  const { child } = oneOf(draw, living);
  return kill9(victim === "all" ? -child.pid : child.pid) ? 1 : 0;
}

/** The processes that hold a run, according to the locks. */
function cellsOf(place) {
  const runs = join(place, "runs");
  try {
    return readdirSync(runs).flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(runs, name, "lock"), "utf8")).pid];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function kill9(pid) {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
