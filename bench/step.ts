import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { engines, selectEngine } from "../src/engines/engines.js";
import { setEngineOptions } from "../src/engines/options.js";
import type { EngineName } from "../src/engines/types.js";
import type { StepCase } from "./stepCases.js";
import { exportCase, graphOf, parseCase } from "./stepCases.js";
import { print, rowAgainstFullPrecision, rowAgainstN2uq, rowAgainstPytorch } from "./stepReport.js";
import type { Figures, Side } from "./stepSide.js";
import { inTurns, startSide } from "./stepSide.js";
import { repeatedStep } from "./trainingStep.js";

/**
 * One training step (forward, cross entropy, backward, Adam) on our engines and in plain PyTorch
 * (bench/step.py; `PEERS=eager,channels_last,compiled,bfloat16` says how it is used), from the same weights on
 * the same images. Then, on our engines, a step of a quantized network and a step of the same network without
 * quantizers, and a step with each requested quantizer and with N2UQ (`CASES=resnet18-w2a2-64-lsq`). Each side
 * of a pair is a separate process; the two sides alternate, and no other pair runs at the same time.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const BATCH = Number(process.env.BATCH ?? 16);
setEngineOptions({ torch: { device: process.env.DEVICE ?? "cpu" } });
const PYTHON = process.env.N2UQ_PYTHON ?? "/usr/bin/python3";
const SCRIPT = join(process.cwd(), "bench", "step.py");
const THIS = fileURLToPath(import.meta.url);
const CASES = [
  ...["resnet18-w2a2-224", "resnet18-w4a4-224", "resnet18-fp-224"],
  ...["resnet18", "resnet50", "mobilenetv2"].flatMap((network) =>
    ["w2a2", "w4a4", "fp"].map((mode) => `${network}-${mode}-64`),
  ),
];

/** How PyTorch is used: see bench/step.py. */
const PEERS = ["eager", "channels_last", "compiled", "bfloat16"];

const [role, name = "", argument = ""] = process.argv.slice(2);
if (role === "ours") await answer(parseCase(name), argument as EngineName);
else if (role === "export") await engines.cpu.load().then(() => exportCase(argument, parseCase(name), BATCH));
else await compare();

/** In the child process: one step per line. */
async function answer(stepCase: StepCase, engine: EngineName): Promise<void> {
  const precision = process.env.PRECISION === "bfloat16" ? "bfloat16" : "float32";
  const { version, capabilities } = await engines[engine].load(precision);
  const step = repeatedStep(graphOf(stepCase), BATCH, stepCase.side);
  console.log(`ready ${capabilities.threads} ${capabilities.gpu ? "cuda" : "cpu"} ${engine} ${version}`);
  for await (const _ of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const loss = step.run();
    console.log(`${performance.now() - start} ${loss}`);
  }
}

async function compare(): Promise<void> {
  const cases = listed("CASES", CASES).map(parseCase);
  const peers = listed("PEERS", ["eager"]);
  const unknown = peers.find((peer) => !PEERS.includes(peer));
  if (unknown !== undefined) throw new RangeError(`no peer ${unknown}: one of ${PEERS.join(", ")}`);
  const names = listed("ENGINES", [(await selectEngine()).name]) as EngineName[];
  for (const engine of names) await selectEngine(engine);
  if (spawnSync(PYTHON, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) {
    throw new Error(`${PYTHON} has no torch (python3-torch; N2UQ_PYTHON names another Python)`);
  }
  for (const engine of names) {
    const against: string[] = [];
    const quantized: string[] = [];
    const ofN2uq = cases.filter(({ method }) => method === "n2uq");
    const methods: string[] = [];
    for (const stepCase of ofN2uq) against.push(...(await againstPytorch(stepCase, engine, peers)));
    for (const stepCase of ofN2uq) quantized.push(...(await againstFullPrecision(stepCase, cases, engine)));
    for (const stepCase of cases) methods.push(...(await againstN2uq(stepCase, engine)));
    print({ engine, batch: BATCH, rounds: ROUNDS }, { against, quantized, methods });
  }
}

/** The comma-separated values of a variable. */
function listed(variable: string, otherwise: readonly string[]): readonly string[] {
  return process.env[variable]?.split(",") ?? otherwise;
}

/** The rows of a case: our step and PyTorch's, from the same weights; one row per peer. */
async function againstPytorch(
  stepCase: StepCase,
  engine: EngineName,
  peers: readonly string[],
): Promise<string[]> {
  const { name } = stepCase;
  const folder = mkdtempSync(join(tmpdir(), "n2uq-step-"));
  try {
    execFileSync(process.execPath, [THIS, "export", name, folder], { stdio: "inherit" });
    const rows: string[] = [];
    for (const peer of peers) {
      const pytorch = ({ threads, device }: Side) =>
        startSide(PYTHON, [SCRIPT, name, folder, String(threads), device, peer], environment(threads));
      const precision = peer === "bfloat16" ? "bfloat16" : "float32";
      const pair = await figures(`${name}, ${peer}`, () => startOurs(name, engine, precision), pytorch);
      if (pair !== null) rows.push(rowAgainstPytorch(stepCase, peer, pair));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The row of a quantized case and the same network without quantizers, if both are measured. */
async function againstFullPrecision(
  stepCase: StepCase,
  cases: readonly StepCase[],
  engine: EngineName,
): Promise<string[]> {
  const { name, network, mode, side } = stepCase;
  const full = `${network}-fp-${side}`;
  if (mode === "fp" || !cases.some((other) => other.name === full)) return [];
  const pair = await figures(
    `${name} / ${full}`,
    () => startOurs(name, engine),
    () => startOurs(full, engine),
  );
  return pair === null ? [] : [rowAgainstFullPrecision(stepCase, pair)];
}

/** The row of a case with another quantizer and the same case with N2UQ. */
async function againstN2uq({ name, network, mode, side, method }: StepCase, engine: EngineName) {
  if (method === "n2uq") return [];
  const same = `${network}-${mode}-${side}`;
  const pair = await figures(
    `${name} / ${same}`,
    () => startOurs(name, engine),
    () => startOurs(same, engine),
  );
  return pair === null ? [] : [rowAgainstN2uq(name, pair)];
}

/**
 * The measurements of both sides; null, with the reason on stderr, if a process ended early (for example
 * without memory).
 */
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
    const times = [a, b].map((side) => side.times.map((ms) => ms.toFixed(0)).join(" ")).join(", ");
    const libraries = sides
      .map(({ library, device, threads }) => `${library} (${device}, ${threads} threads)`)
      .join(", ");
    console.error(`${what}: ${libraries}; ${times} ms; losses ${losses}`);
    return [a, b];
  } catch (error) {
    console.error(`${what}: skipped, because ${error instanceof Error ? error.message : error}`);
    return null;
  } finally {
    for (const side of sides) side.end();
  }
}

function startOurs(name: string, engine: EngineName, precision = "float32"): Promise<Side> {
  const env = { ...environment(process.env.THREADS), PRECISION: precision };
  return startSide(process.execPath, [THIS, "ours", name, engine], env);
}

/** The number of threads for libtorch, PyTorch and libtensorflow; undefined: their default. */
function environment(threads: number | string | undefined): NodeJS.ProcessEnv {
  if (threads === undefined) return process.env;
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count };
}
