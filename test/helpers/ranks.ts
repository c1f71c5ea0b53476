import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findAddons } from "../../src/engines/torch/addons.js";
import { openBinding } from "../../src/engines/torch/binding.js";
import { n2uq } from "./cli.js";
import { withoutTorch } from "./torch.js";

/** False if several processes can train together; otherwise the reason why tests of this are skipped. */
export const withoutRanks: string | false = withoutTorch !== false ? withoutTorch : withoutGloo();

function withoutGloo(): string | false {
  const [addon] = findAddons();
  const kernels = addon === undefined ? [] : openBinding(addon.binding).kernels();
  if (kernels.some(({ name }) => name === "RanksConnect")) return false;
  return "the torch engine was built without Gloo (libgloo-dev)";
}

/** An experiment with a network that is small enough for many runs. */
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

/** Writes the experiment as `e.yaml`. */
export function project(folder: string, text = experiment): string {
  writeFileSync(join(folder, "e.yaml"), text);
  return folder;
}

/** Runs the experiment with these settings; writes to a folder of runs. */
export async function run(folder: string, runs: string, ...settings: string[]) {
  return n2uq(
    ["run", "e.yaml", "--runs", runs, ...settings.flatMap((setting) => ["--set", setting])],
    folder,
  );
}

/** The metrics of the only run in a folder of runs. */
export function metrics(folder: string, runs: string): Line[] {
  const name = readdirSync(join(folder, runs)).find((one) => one.startsWith("shared-")) ?? "";
  const text = readFileSync(join(folder, runs, name, "metrics.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The largest difference between the metrics of two runs. */
export function apart(one: readonly Line[], other: readonly Line[]): number {
  const numbers = ({ loss, top1, gradientNorm, train, validation }: Line) =>
    [loss, top1, gradientNorm, train?.loss, validation?.loss].filter((value) => value !== undefined);
  const [a, b] = [one.flatMap(numbers), other.flatMap(numbers)];
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
}
