import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planSweep, runSweep } from "../runners/sweep/sweep.js";
import { packageRoot } from "../src/package.js";
import { readSweep } from "../src/sweep/read.js";
import { median } from "./measure.js";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SIZES = [1_000, 10_000];

const experiment = (name: string, method: string, teacher: string) => `name: ${name}
architecture: { family: stages, layout: n2uq, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }
quantization: { method: ${method} }
${teacher}
data: { dataset: synthetic }
training: { epochs: 3, schedule: { kind: constant } }
`;

/** Measurements of one command: wall seconds and maximum resident memory in MB. */
interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs the command in a process under GNU time. */
function run(cwd: string, ...args: string[]): Cost {
  const command = [process.execPath, join(packageRoot(), "bin", "n2uq.js"), ...args];
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%e %M", ...command], {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  const [seconds = Number.NaN, kilobytes = Number.NaN] =
    stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return { seconds, megabytes: kilobytes / 1000 };
}

const folder = mkdtempSync(join(tmpdir(), "n2uq-sweeps-"));
try {
  writeFileSync(join(folder, "teacher.yaml"), experiment("teacher", "none", ""));
  const teacher = "teacher: { experiment: ./teacher.yaml }\ninit: { experiment: ./teacher.yaml }";
  writeFileSync(join(folder, "student.yaml"), experiment("student", "n2uq", teacher));
  for (const cells of SIZES) {
    const grid = `grid: { seed: "0..${cells / 8 - 1}", bits: [2, 3, 4, 5], method: [n2uq, lsq] }`;
    writeFileSync(join(folder, `of${cells}.yaml`), `base: ./student.yaml\n${grid}\n`);
    const runs = join(folder, `runs${cells}`);
    mkdirSync(runs);
    const plan = await planSweep(await readSweep([`of${cells}.yaml`], {}, folder), { cwd: folder }, runs);
    const rest = { models: folder, jobs: 1, retries: 0, failFast: false, emit: () => {} };
    const signal = new AbortController().signal;
    await runSweep(plan, { ...rest, runs, signal, runner: async () => {} });
  }
  const commands = {
    "sweep --dry-run": (cells: number) =>
      run(folder, "sweep", `of${cells}.yaml`, "--dry-run", "--runs", "none"),
    status: (cells: number) => run(folder, "status", "--runs", `runs${cells}`),
  };
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of Object.entries(commands)) {
      for (const cells of SIZES) {
        const key = `${name} | ${cells}`;
        costs.set(key, [...(costs.get(key) ?? []), measure(cells)]);
      }
    }
  }
  console.log("| command | cells | seconds | memory |\n|---|---:|---:|---:|");
  for (const [key, all] of costs) {
    const [seconds, megabytes] = [all.map((one) => one.seconds), all.map((one) => one.megabytes)];
    console.log(`| ${key} | ${median(seconds).toFixed(2)} | ${median(megabytes).toFixed(0)} MB |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
