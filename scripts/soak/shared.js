// Shared code of the parts of `npm run soak`.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const bin = join(root, "bin", "n2uq.js");
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Random numbers in [0, 1) from a seed (mulberry32), so that a round can be repeated by its seed. */
export function drawer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const oneOf = (draw, list) => list[Math.floor(draw() * list.length)];

const teacher = `name: tiny-teacher
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: none }
data: { dataset: synthetic, synthetic: { trainSize: 96, testSize: 48 } }
training: { epochs: 1, batchSize: 16, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant }, checkpoint: { everySteps: 2 } }
`;
const student = teacher
  .replace("tiny-teacher", "tiny")
  .replace("{ method: none }", "{ method: n2uq, bits: 2 }\nteacher: { experiment: ./teacher.yaml }")
  .replace("epochs: 1", "epochs: 2");

/** Two small experiments: a teacher and its student. */
export const experiments = { "teacher.yaml": teacher, "student.yaml": student };

/**
 * The environment of a process under test, without the variables of the tests that may have started this
 * process.
 */
export function environment(more = {}) {
  const { N2UQ_ENGINES: engines, NODE_OPTIONS: _, ...rest } = process.env;
  const own = engines === undefined || engines === "none" ? {} : { N2UQ_ENGINES: engines };
  return { ...rest, ...own, NO_COLOR: "1", OMP_NUM_THREADS: "1", ...more };
}

/**
 * For every run in a folder, by name: the content that must repeat bit by bit, leftovers, and how often the
 * run ended.
 */
export function outcome(runs) {
  const names = readdirSync(runs).filter((name) => name !== "sweeps");
  return Object.fromEntries(names.sort().map((name) => [name, outcomeOf(join(runs, name))]));
}

function outcomeOf(folder) {
  const text = (file) => readFileSync(join(folder, file), "utf8");
  try {
    const { timing: _, environment: __, ...result } = JSON.parse(text("result.json"));
    const metrics = text("metrics.jsonl")
      .trim()
      .split("\n")
      .map((line) => ({ ...JSON.parse(line), imagesPerSecond: 0, secondsLeft: 0, waitedMs: 0 }));
    const best = readFileSync(join(folder, "checkpoints", "best.safetensors"), "base64");
    const files = ["start.json", "analysis.json"].map(text);
    const ended = text("events.log").match(/ done /g)?.length ?? 0;
    const left = readdirSync(folder, { recursive: true }).filter(
      (name) => /\.tmp$/.test(name) || /(^|\/)lock/.test(name) || name === "failed.json",
    );
    return { result, metrics, best, files, ended, left };
  } catch (error) {
    return { lost: String(error) };
  }
}

/**
 * Differences of the runs of a folder from the undisturbed runs: `{ lost, doubled, different, left }`, lists
 * of names.
 */
export function compare(found, wanted) {
  const faults = { lost: [], doubled: [], different: [], left: [] };
  for (const name of new Set([...Object.keys(found), ...Object.keys(wanted)])) {
    const [one, other] = [found[name], wanted[name]];
    if (one === undefined || other === undefined || "lost" in one) faults.lost.push(name);
    else {
      // The line is written after the result, so a kill between them may lose the line.
      if (one.ended > 1) faults.doubled.push(`${name} ended ${one.ended} times`);
      if (one.left.length > 0) faults.left.push(`${name}: ${one.left.join(", ")}`);
      const same = ["result", "metrics", "best", "files"].filter(
        (part) => JSON.stringify(one[part]) !== JSON.stringify(other[part]),
      );
      if (same.length > 0) faults.different.push(`${name}: ${same.join(", ")}`);
    }
  }
  return faults;
}

export const count = (faults) => Object.values(faults).reduce((sum, list) => sum + list.length, 0);

/** Calls `work` for the items of a list in order, `jobs` at a time. */
export async function inParallel(jobs, list, work) {
  const waiting = [...list];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
