import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { engines, selectEngine } from "../src/engines/engines.js";
import type { EngineName } from "../src/engines/types.js";
import { median } from "./measure.js";
import type { StepCase } from "./stepCases.js";
import { exportCase, graphOf, parseCase } from "./stepCases.js";
import type { Figures, Side } from "./stepSide.js";
import { inTurns, ratioOf, startSide } from "./stepSide.js";
import { repeatedStep } from "./trainingStep.js";

/*
 * One training step (forward, cross entropy, backward, Adam) on our engines and in plain PyTorch (bench/step.py), from the
 * same weights on the same images, in turns; then a quantized network's step and that of the same network without
 * quantizers, both ours. Each side is a process of its own, and only the two of one pair live at a time.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const BATCH = Number(process.env.BATCH ?? 16);
const PYTHON = process.env.N2UQ_PYTHON ?? "/usr/bin/python3";
const SCRIPT = join(process.cwd(), "bench", "step.py");
const THIS = fileURLToPath(import.meta.url);
const CASES = [
  ...["resnet18-w2a2-224", "resnet18-w4a4-224", "resnet18-fp-224"],
  ...["resnet18", "resnet50", "mobilenetv2"].flatMap((network) =>
    ["w2a2", "w4a4", "fp"].map((mode) => `${network}-${mode}-64`),
  ),
];

/** What ResNet-18 at 224 pixels is to reach. */
const FASTER = { w2a2: 1.8, w4a4: 3.5, fp: 0.95 } as Readonly<Record<string, number>>;
const LESS_MEMORY = { w4a4: 0.5 } as Readonly<Record<string, number>>;
const OWN_FULL_PRECISION = 1.1;

const [role, name = "", argument = ""] = process.argv.slice(2);
if (role === "ours") await answer(parseCase(name), argument as EngineName);
else if (role === "export") await engines.cpu.load().then(() => exportCase(argument, parseCase(name), BATCH));
else await compare();

/** In the child: one step for each line. */
async function answer(stepCase: StepCase, engine: EngineName): Promise<void> {
  const { version, capabilities } = await engines[engine].load();
  const step = repeatedStep(graphOf(stepCase), BATCH, stepCase.side);
  console.log(`ready ${capabilities.threads} ${engine} ${version}`);
  for await (const _ of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const loss = step.run();
    console.log(`${performance.now() - start} ${loss}`);
  }
}

async function compare(): Promise<void> {
  const cases = listed("CASES", CASES).map(parseCase);
  const names = listed("ENGINES", [(await selectEngine()).name]) as EngineName[];
  for (const engine of names) await selectEngine(engine);
  if (spawnSync(PYTHON, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) {
    throw new Error(`${PYTHON} has no torch (python3-torch; N2UQ_PYTHON names another Python)`);
  }
  for (const engine of names) {
    const rows: string[] = [];
    for (const stepCase of cases) rows.push(...(await againstPytorch(stepCase, engine)));
    for (const stepCase of cases) rows.push(...(await againstFullPrecision(stepCase, cases, engine)));
    print(engine, rows);
  }
}

/** The values of a variable with commas between them. */
function listed(variable: string, otherwise: readonly string[]): readonly string[] {
  return process.env[variable]?.split(",") ?? otherwise;
}

/** The row of a case: ours against PyTorch's, from the same weights. */
async function againstPytorch(stepCase: StepCase, engine: EngineName): Promise<string[]> {
  const { name, mode } = stepCase;
  const folder = mkdtempSync(join(tmpdir(), "n2uq-step-"));
  try {
    spawnSync(process.execPath, [THIS, "export", name, folder], { stdio: "inherit" });
    const pytorch = ({ threads }: Side) =>
      startSide(PYTHON, [SCRIPT, name, folder, String(threads)], environment(threads));
    const pair = await figures(name, () => startOurs(name, engine), pytorch);
    if (pair === null) return [];
    const [time, memory] = counts(stepCase) ? [FASTER[mode], LESS_MEMORY[mode]] : [];
    const ratio = ratioOf(...pair);
    return [row(name, pair, ratio, time ? verdict(ratio >= time, `≥ ${time}×`) : "", memory)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The row of a quantized case against the same network without quantizers, where the cases have both. */
async function againstFullPrecision(
  stepCase: StepCase,
  cases: readonly StepCase[],
  engine: EngineName,
): Promise<string[]> {
  const { name, network, mode, side } = stepCase;
  const full = `${network}-fp-${side}`;
  if (mode === "fp" || !cases.some((other) => other.name === full)) return [];
  const what = `${name} / own full precision`;
  const pair = await figures(
    what,
    () => startOurs(name, engine),
    () => startOurs(full, engine),
  );
  if (pair === null) return [];
  const ratio = 1 / ratioOf(...pair);
  const target = verdict(ratio <= OWN_FULL_PRECISION, `≤ ${OWN_FULL_PRECISION}×`);
  return [row(what, pair, ratio, counts(stepCase) ? target : "", undefined)];
}

/** Whether the targets are for this case. */
function counts({ network, side }: StepCase): boolean {
  return network === "resnet18" && side === 224;
}

/** Both sides' figures; null, and why on stderr, where a process ended early (as for want of memory). */
async function figures(
  what: string,
  startFirst: () => Promise<Side>,
  startSecond: (first: Side) => Promise<Side>,
): Promise<[Figures, Figures] | null> {
  const sides: Side[] = [];
  try {
    sides.push(await startFirst());
    sides.push(await startSecond(sides[0] as Side));
    const [a, b] = (await inTurns(sides, ROUNDS)) as [Figures, Figures];
    const losses = [a, b].map((side) => side.losses.map((loss) => loss.toFixed(4)).join(" → ")).join(", ");
    const libraries = sides.map(({ library, threads }) => `${library} (${threads} threads)`).join(", ");
    console.error(`${what}: ${libraries}; losses ${losses}`);
    return [a, b];
  } catch (error) {
    console.error(`${what}: left out, for ${error instanceof Error ? error.message : error}`);
    return null;
  } finally {
    for (const side of sides) side.end();
  }
}

function startOurs(name: string, engine: EngineName): Promise<Side> {
  return startSide(process.execPath, [THIS, "ours", name, engine], environment(process.env.THREADS));
}

/** The number of threads as libtorch, PyTorch and libtensorflow read it; undefined: as they choose. */
function environment(threads: number | string | undefined): NodeJS.ProcessEnv {
  if (threads === undefined) return process.env;
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count };
}

function row(
  what: string,
  [a, b]: readonly [Figures, Figures],
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

function print(engine: string, rows: readonly string[]): void {
  console.log(`\nA training step on ${engine}: forward, cross entropy, backward, Adam; batch ${BATCH};`);
  console.log(
    `medians of ${ROUNDS} rounds, in turns, and of the ratios of each round; peak resident memory\n`,
  );
  console.log(
    "| case | ours ms | PyTorch ms | ratio | target | ours peak MB | PyTorch peak MB | ratio | target |",
  );
  console.log("|---|---:|---:|---:|---|---:|---:|---:|---|");
  console.log(rows.join("\n"));
  console.log(
    "\nIn the rows `/ own full precision` the other side is ours too, and the ratio that of the times, ours first.",
  );
}
