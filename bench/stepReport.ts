import { availableParallelism, cpus, loadavg } from "node:os";
import { median } from "./measure.js";
import type { StepCase } from "./stepCases.js";
import type { Figures } from "./stepSide.js";
import { ratioOf } from "./stepSide.js";

type Pair = readonly [Figures, Figures];

/**
 * Targets for ResNet-18 at 224 pixels, by device and mode: PyTorch's time divided by ours, our memory divided
 * by PyTorch's.
 */
const FASTER = {
  cpu: { w2a2: 1.8, w4a4: 3.5, fp: 0.95 },
  cuda: { w2a2: 2, w4a4: 4 },
} as Readonly<Record<string, Readonly<Record<string, number>>>>;
const LESS_MEMORY = { w4a4: 0.5 } as Readonly<Record<string, number>>;
/** Maximum ratio of a quantized step's time to that of the same network without quantizers. */
const OWN_FULL_PRECISION = 1.1;

/** A row for our step and PyTorch's step; the ratio is PyTorch's time divided by ours. */
export function rowAgainstPytorch(stepCase: StepCase, peer: string, pair: Pair): string {
  const { mode, name } = stepCase;
  const [{ device }] = pair;
  const onCpu = device === "cpu";
  const targets =
    hasTargets(stepCase) && peer === "eager"
      ? [FASTER[device]?.[mode], onCpu ? LESS_MEMORY[mode] : undefined]
      : [];
  const [time, memory] = targets;
  const ratio = ratioOf(...pair);
  return row(`${name}, ${peer}`, pair, ratio, time ? verdict(ratio >= time, `≥ ${time}×`) : "", memory);
}

/** A row for our quantized and full-precision steps; the ratio is the quantized time divided by the other. */
export function rowAgainstFullPrecision(stepCase: StepCase, pair: Pair): string {
  const [quantized, full] = pair;
  const ratio = ratioOf(full, quantized);
  const target = verdict(ratio <= OWN_FULL_PRECISION, `≤ ${OWN_FULL_PRECISION}×`);
  return row(stepCase.name, pair, ratio, hasTargets(stepCase) ? target : "", undefined);
}

/** A row for our steps with another quantizer and with N2UQ; the ratio is the other's time divided by N2UQ's. */
export function rowAgainstN2uq(name: string, pair: Pair): string {
  const [other, n2uq] = pair;
  return row(name, pair, ratioOf(n2uq, other), "", undefined);
}

function hasTargets({ network, side }: StepCase): boolean {
  return network === "resnet18" && side === 224;
}

function row(
  what: string,
  [a, b]: Pair,
  ratio: number,
  target: string,
  memoryTarget: number | undefined,
): string {
  const memory = a.peakMb / b.peakMb;
  const cells = [
    what,
    median(a.times).toFixed(0),
    median(b.times).toFixed(0),
    `${ratio.toFixed(2)}×`,
    target,
    a.peakMb.toFixed(0),
    b.peakMb.toFixed(0),
    `${memory.toFixed(2)}×`,
    memoryTarget ? verdict(memory <= memoryTarget, `≤ ${memoryTarget}×`) : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function verdict(reached: boolean, target: string): string {
  return `${target} ${reached ? "reached" : "missed"}`;
}

/** A Markdown report. */
export function print(
  { engine, batch, rounds }: { engine: string; batch: number; rounds: number },
  { against, quantized, methods }: Readonly<Record<"against" | "quantized" | "methods", readonly string[]>>,
): void {
  const [{ model = "" } = {}, load] = [
    cpus()[0],
    loadavg()
      .map((mean) => mean.toFixed(1))
      .join(", "),
  ];
  console.log(
    `\nA training step on ${engine} (forward, cross entropy, backward, Adam), batch ${batch}, and the maximum memory`,
  );
  console.log(
    `of each process (main memory, not that of a GPU). Medians of ${rounds} interleaved rounds; ratios are medians over the rounds.`,
  );
  console.log(`${model}, ${availableParallelism()} cores, load ${load}`);
  if (against.length > 0) table(["case", "ours", "PyTorch"], against);
  if (quantized.length > 0)
    table(["quantized / own full precision", "quantized", "full precision"], quantized);
  if (methods.length > 0) table(["quantizer / N2UQ", "quantizer", "N2UQ"], methods);
}

function table([what, ours, theirs]: readonly [string, string, string], rows: readonly string[]): void {
  const cells = [
    what,
    `${ours} ms`,
    `${theirs} ms`,
    "ratio",
    "target",
    `${ours} peak MB`,
    `${theirs} peak MB`,
  ];
  console.log(
    `\n| ${[...cells, "ratio", "target"].join(" | ")} |\n|---|---:|---:|---:|---|---:|---:|---:|---|`,
  );
  console.log(rows.join("\n"));
}
