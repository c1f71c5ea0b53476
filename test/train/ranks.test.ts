import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { batches } from "../../src/data/batches.js";
import type { BatchRequest, LoadedDataset } from "../../src/data/types.js";
import { n2uq, start } from "../helpers/cli.js";
import { wait } from "../helpers/killing.js";
import { withoutRanks } from "../helpers/ranks.js";

const WITHIN = 1e-4;

const experiment = `
name: shared
architecture: { family: stages, stem: { kernel: 3, stride: 1, channels: 4 }, classes: 4, stages: [{ block: basic, channels: 4, blocks: 1 }, { block: basic, channels: 8, blocks: 1, stride: 2 }] }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8], channels: 3, trainSize: 100, testSize: 32 } }
quantization: { method: none }
training: { epochs: 2, batchSize: 16, optimizer: { kind: sgd, lr: 0.05 }, schedule: { kind: constant }, syncBatchNorm: true }
engine: torch
`;

interface Line {
  readonly type: string;
  readonly step: number;
  readonly loss?: number;
  readonly top1?: number;
  readonly gradientNorm?: number;
  readonly train?: { readonly loss: number };
  readonly validation?: { readonly loss: number };
}

function project(folder: string, text = experiment): string {
  writeFileSync(join(folder, "e.yaml"), text);
  return folder;
}

async function run(folder: string, runs: string, ...settings: string[]) {
  return n2uq(
    ["run", "e.yaml", "--runs", runs, ...settings.flatMap((setting) => ["--set", setting])],
    folder,
  );
}

function metrics(folder: string, runs: string): Line[] {
  const [name = ""] = readdirSync(join(folder, runs));
  const text = readFileSync(join(folder, runs, name, "metrics.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The largest difference of all that was measured. */
function apart(one: readonly Line[], other: readonly Line[]): number {
  const numbers = ({ loss, top1, gradientNorm, train, validation }: Line) =>
    [loss, top1, gradientNorm, train?.loss, validation?.loss].filter((value) => value !== undefined);
  const [a, b] = [one.flatMap(numbers), other.flatMap(numbers)];
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
}

t.test("the parts of a batch are the whole batch, in its order", async (t) => {
  const images = Uint8Array.from({ length: 10 }, (_, i) => i);
  const split = { kind: "memory" as const, length: 10, images, labels: images };
  const info = {
    name: "ten",
    classes: 10,
    imageSize: [1, 1],
    channels: 1,
    mean: [0],
    deviation: [1],
  } as const;
  const data: LoadedDataset = { info, train: split, test: split };
  const request: BatchRequest = {
    ...{ split: "train", batchSize: 4, seed: 0, epoch: 1, shuffle: true, dropLast: true },
  };
  const walk = async (more: Partial<BatchRequest>) => {
    const found: number[][] = [];
    for await (const { numbers } of batches(data, { ...request, ...more })) found.push([...numbers]);
    return found;
  };
  const [whole, left, right] = [
    await walk({}),
    await walk({ part: { index: 0, of: 2 } }),
    await walk({ part: { index: 1, of: 2 } }),
  ];
  t.equal(whole.length, 2);
  t.same(
    whole,
    left.map((part, i) => [...part, ...(right[i] ?? [])]),
  );
  t.same(await walk({ part: { index: 1, of: 2 }, firstBatch: 1 }), right.slice(1), "also of a resumed epoch");
});

t.test("what devices can't share is told before anything runs", async (t) => {
  const folder = project(t.testdir());
  const validate = (...settings: string[]) =>
    n2uq(["validate", "e.yaml", ...settings.flatMap((setting) => ["--set", setting])], folder);
  const { code, stderr } = await validate("engine=wasm", "devices=2");
  t.equal(code, 2);
  t.match(stderr, /N2UQ_RANKS_ENGINE.*devices: 2/);
  if (withoutRanks === false) t.match((await validate("devices=3")).stderr, /N2UQ_RANKS_BATCH/);
});

t.test("two ranks train as one process does", { skip: withoutRanks }, async (t) => {
  const folder = project(t.testdir());
  for (const [name, ...settings] of [
    ["full precision"],
    ["n2uq", "quantization.method=n2uq", "bits=2", "training.steps=3"],
    ["lsq", "quantization.method=lsq", "bits=4", "training.steps=3"],
  ]) {
    const [one, two] = [`${name}-1`, `${name}-2`];
    for (const [runs, devices] of [
      [one, 1],
      [two, 2],
    ] as const) {
      const { code, stderr } = await run(folder, runs, ...settings, `devices=${devices}`);
      t.equal(code, 0, `${name} on ${devices}: ${stderr}`);
    }
    const difference = apart(metrics(folder, one), metrics(folder, two));
    t.ok(difference <= WITHIN, `${name}: ${difference.toExponential(1)}`);
    t.same(readdirSync(join(folder, one)), readdirSync(join(folder, two)), "they are the same run");
  }
});

t.test(
  "with BatchNorm by part, the number of devices is part of the run",
  { skip: withoutRanks },
  async (t) => {
    const folder = project(t.testdir(), experiment.replace("syncBatchNorm: true", "syncBatchNorm: false"));
    for (const devices of [1, 2]) t.match(await run(folder, "runs", `devices=${devices}`), { code: 0 });
    t.equal(readdirSync(join(folder, "runs")).length, 2);
  },
);

t.test(
  "a rank's death ends the run clearly, and any number of ranks goes on",
  { skip: withoutRanks },
  async (t) => {
    const folder = project(t.testdir());
    const long = "training.epochs=40";
    t.match(await run(folder, "whole", long, "devices=2"), { code: 0 });
    const wanted = metrics(folder, "whole");
    for (const victim of ["rank 1", "rank 0"]) {
      for (const devices of [2, 1]) {
        const runs = `${victim}-${devices}`;
        const { code, stderr } = await killed(folder, runs, victim, long);
        if (victim === "rank 1") {
          t.equal(code, 1);
          t.match(stderr, /N2UQ_RANKS_LOST.*rank 1 of 2 .*SIGKILL/);
        }
        const again = await run(folder, runs, long, `devices=${devices}`);
        t.equal(again.code, 0, again.stderr);
        t.match(again.stdout, /resumed from step/);
        const difference = apart(metrics(folder, runs), wanted);
        t.ok(difference <= WITHIN, `${victim} killed, on with ${devices}: ${difference.toExponential(1)}`);
      }
    }
  },
);

/** Kills one rank of a run with two when it has a checkpoint; the others have ended when this returns. */
async function killed(folder: string, runs: string, victim: string, setting: string) {
  const args = ["run", "e.yaml", "--runs", runs, "--set", setting, "--set", "devices=2"];
  const { child, done } = start(args, folder);
  let out = "";
  child.stdout?.on("data", (text) => {
    out += text;
  });
  while (!/epoch 3\/40/.test(out)) await wait(20);
  const others = childrenOf(child.pid!);
  t.equal(others.length, 1);
  process.kill(victim === "rank 0" ? child.pid! : others[0]!, "SIGKILL");
  const ended = await done;
  while (others.some(isAlive)) await wait(20);
  return ended;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}

/** A killed process that nobody has asked after still has its place. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
