import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { statusText } from "../../../cli/sweepText.js";
import { findNamedRun } from "../../../runners/experimentRun.js";
import { writeReport } from "../../../runners/report.js";
import { listRuns } from "../../../runners/runs.js";
import { placedStatus } from "../../../runners/slurm/status.js";
import { findSweeps } from "../../../runners/sweep/ledger.js";
import { fillTable } from "../../../runners/table.js";
import { N2uqError, N2uqErrors } from "../../../src/errors.js";
import { compareJson, compareText } from "../../../src/report/compare.js";
import { tableFormats } from "../../../src/report/tables/formats.js";
import { RunDirectory } from "../../../src/runs/runDirectory.js";
import { runRecord } from "../../helpers/records.js";
import type { FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";

const experiment = `name: tiny
architecture: { family: stages, layout: n2uq, classes: 4, inputSize: [8, 8], inputChannels: 1, stem: { kernel: 3, stride: 2, channels: 4, pool: false }, stages: [{ block: basic, channels: 4, blocks: 1, stride: 1 }] }
quantization: { method: n2uq, bits: { weights: 2, activations: 2 } }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], channels: 1, trainSize: 64, testSize: 16, seed: 0 } }
training: { epochs: 2, batchSize: 8, schedule: { kind: constant }, seed: SEED }
engine: wasm
`;
const table = `base: ./tiny.yaml
grid: { seed: [0, 1] }
table: { title: T, columns: [{ label: W2, where: { bits: 2 } }], rows: [{ label: N2UQ, where: { method: n2uq } }] }
`;
const HASHES = ["0faafb496028e1eb", "1faafb496028e1eb", "2faafb496028e1eb", "3faafb496028e1eb"].map((one) =>
  one.repeat(4),
);
const staircase = { thresholds: [0.5, 1.5, 2.5], levels: [0, 1, 2, 3] };
const use = {
  layer: "layer1.0.conv1",
  method: "n2uq",
  bits: 2,
  levels: [0, 1, 2, 3],
  counts: [4, 3, 2, 1],
  entropy: 1.8,
};
const layer = {
  ...{
    id: "layer1.0.conv1",
    kind: "conv",
    outputShape: [4, 4, 4],
    weightBits: 2,
    activationBits: 2,
    method: "n2uq",
  },
  ...{ parameters: 144, macs: 2304, bitOps: 9216, packedBytes: 36 },
};
const metrics = { loss: 1.2, top1: 40, top5: 100 };

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** The files of a finished run. */
function filesOf(hash: string, seed: number): Record<string, string> {
  const environment = runRecord().environment;
  const steps = Array.from({ length: 8 }, (_, step) => ({
    type: "step",
    step,
    epoch: 1,
    loss: 1 / (1 + step),
    top1: 50,
    lr: 0.01,
  }));
  const epochs = [1, 2].map((epoch) => ({
    ...{
      type: "epoch",
      step: 4 * epoch,
      epoch,
      epochs: 2,
      train: metrics,
      validation: metrics,
      best: true,
      lr: 0.01,
      gradientNorm: 1,
    },
  }));
  const penalties = { layer: "layer1.0.conv1", penalties: { 2: 0.1, 3: 0.01 }, bits: 3 };
  return {
    "result.json": json(runRecord({ hash, seed })),
    "resolved.yaml": experiment.replace("SEED", String(seed)),
    "analysis.json": json({
      format: 1,
      hash,
      images: 16,
      layers: [layer],
      weights: [use],
      activations: [{ ...use, start: staircase, end: staircase }],
    }),
    "start.json": json({ format: 1, hash, staircases: { "layer1.0.conv1": staircase } }),
    "environment.json": json(environment),
    "sources.json": json({ "training.seed": "tiny.yaml:5" }),
    "metrics.jsonl": [...steps, ...epochs].map((line) => `${JSON.stringify(line)}\n`).join(""),
    "search-tiny.json": json({
      format: 1,
      name: "tiny",
      baseline: metrics,
      costs: { averageWeightBits: { limit: 3, found: 2.9 } },
      layers: [penalties],
    }),
  };
}

const lock = json({
  pid: process.ppid,
  host: hostname(),
  began: null,
  beat: new Date().toISOString(),
  progress: { step: 3, totalSteps: 8, loss: 1, secondsLeft: 3 },
});
const failed = json({
  code: "N2UQ_TRAIN_DIVERGED",
  message: "the loss is not a number",
  time: new Date().toISOString(),
});

/** Every file of the folder of runs, by its path. */
const files = new Map<string, string>();
const directoryOf = (hash: string) => `tiny-${hash.slice(0, 8)}`;
for (const [seed, hash] of HASHES.entries()) {
  for (const [file, text] of Object.entries(filesOf(hash, seed))) {
    if (seed > 1 && file !== "resolved.yaml") continue;
    files.set(join(directoryOf(hash), file), text);
  }
}
files.set(join(directoryOf(HASHES[2] ?? ""), "lock"), lock);
files.set(join(directoryOf(HASHES[3] ?? ""), "failed.json"), failed);
const cells = HASHES.map((hash, seed) => ({
  ...{
    hash,
    name: "tiny",
    values: { seed: String(seed) },
    needs: [],
    nodes: 1,
    shared: false,
    bitOps: 100,
    steps: 8,
  },
  directory: directoryOf(hash),
}));
const SWEEP = join("sweeps", "tiny-9faafb49");
const created = "2026-11-28T02:47:39.830Z";
files.set(
  join(SWEEP, "sweep.json"),
  json({ format: 1, name: "tiny", hash: "9faafb49".repeat(8), file: null, n2uq: "0.1.0", created, cells }),
);
files.set(join(SWEEP, "slurm.json"), json({ format: 1, submissions: [] }));

const VALUES: readonly unknown[] = [
  null,
  "x",
  "",
  [],
  {},
  0,
  -1,
  1.5,
  1e308,
  true,
  [null],
  "<script>",
  { a: null },
  "\u0000\u001b[2J",
  "a".repeat(300),
];

/** One value in a JSON tree replaced, removed, or nested deep. */
function changed(random: Random, value: unknown): unknown {
  const isMap = typeof value === "object" && value !== null;
  if (!isMap || random() < 0.15) return random() < 0.05 ? deep() : pick(random, VALUES);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(random, VALUES);
  const key = pick(random, keys);
  if (Array.isArray(value))
    return value.map((one, index) => (String(index) === key ? changed(random, one) : one));
  const entries = Object.entries(value);
  if (random() < 0.15) return Object.fromEntries(entries.filter(([one]) => one !== key));
  return Object.fromEntries(entries.map(([one, own]) => [one, one === key ? changed(random, own) : own]));
}

function deep(): unknown {
  let value: unknown = 1;
  for (let level = 0; level < 3000; level += 1) value = [value];
  return value;
}

function damaged(random: Random, file: string, text: string): string | Buffer {
  if (random() < 0.4) return mutate(random, Buffer.from(text));
  if (file.endsWith(".jsonl")) {
    const lines = text.split("\n").slice(0, -1);
    const at = between(random, 0, lines.length - 1);
    return lines
      .map((line, index) => (index === at ? JSON.stringify(changed(random, JSON.parse(line))) : line))
      .join("\n");
  }
  if (file.endsWith(".yaml"))
    return pick(random, [stringifyTree(random, text), "a: [", "[".repeat(5000), "a: &a [*a]", "null", "- x"]);
  return JSON.stringify(changed(random, JSON.parse(text)));
}

function stringifyTree(random: Random, text: string): string {
  const tree = {
    name: "tiny",
    architecture: { stages: [] },
    quantization: { layers: [] },
    data: {},
    training: { seed: 0 },
    text,
  };
  // JSON is valid YAML, and JSON.stringify has no depth limit.
  return JSON.stringify(changed(random, tree));
}

let before: string | null = null;

/**
 * Files of run directories and sweeps, read like the commands runs, status, report, table, compare and run.
 */
export const target: FuzzTarget = {
  description: "damaged files of run directories and sweeps",
  async prepare(folder) {
    for (const [file, text] of files) {
      mkdirSync(join(folder, "runs", file, ".."), { recursive: true });
      writeFileSync(join(folder, "runs", file), text);
    }
    writeFileSync(join(folder, "tiny.yaml"), experiment.replace("SEED", "0"));
    writeFileSync(join(folder, "table.yaml"), table);
    cpSync(join(folder, "runs"), join(folder, "intact"), { recursive: true });
  },
  input(random, folder) {
    const runs = join(folder, "runs");
    if (before !== null) cpSync(join(folder, "intact", before), join(runs, before));
    const file = pick(random, [...files.keys()]);
    before = file;
    const content = damaged(random, file, files.get(file) ?? "");
    writeFileSync(join(runs, file), content);
    const whole = random() < 0.1;
    return { label: file, content, run: () => readAll(folder, runs, whole ? [] : [basename(dirname(file))]) };
  },
};

/**
 * Calls all readers, also after a coded error. Reports draw charts, so most reports are of the damaged run
 * only.
 */
async function readAll(folder: string, runs: string, reported: readonly string[]): Promise<void> {
  const told: unknown[] = [];
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof N2uqError || error instanceof N2uqErrors) || isInternal(error)) throw error;
      told.push(error);
    }
  };
  const place = { cwd: folder, runs };
  // These functions must accept damaged files without an error.
  listRuns(runs, { where: ["bits=2"], sort: "top1" });
  const all = listRuns(runs, { sort: "loss" });
  if (all.length !== HASHES.length) throw new Error(`${all.length} runs are listed`);
  await attempt(async () => {
    const { sweeps } = findSweeps(runs, undefined);
    for (const { folder: sweep } of sweeps) statusText(await placedStatus(runs, sweep), true);
  });
  await attempt(() => writeReport(place, reported, join(folder, "report.html")));
  const filled = await fillTable("table.yaml", {}, { cwd: folder }, runs);
  for (const format of Object.values(tableFormats)) format(filled);
  await attempt(async () => {
    const [a, b] = [await findNamedRun("0faafb49", place), await findNamedRun("tiny-1f", place)];
    compareText(a, b);
    compareJson(a, b);
  });
  for (const hash of HASHES.slice(0, 2)) {
    const directory = new RunDirectory(join(runs, directoryOf(hash)));
    await attempt(() => directory.result());
    await directory.rewindMetrics(4, 1);
    cpSync(join(folder, "intact", directoryOf(hash), "metrics.jsonl"), directory.metrics);
  }
}

function isInternal(error: N2uqError | N2uqErrors): boolean {
  return error instanceof N2uqError && error.code === "N2UQ_INTERNAL";
}
