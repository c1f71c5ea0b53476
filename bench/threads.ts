import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { engines } from "../src/engines/engines.js";
import type { EngineName } from "../src/engines/types.js";
import { median } from "./measure.js";
import { graphOf, parseCase } from "./stepCases.js";
import { inTurns, ratioOf, startSide } from "./stepSide.js";
import { repeatedStep } from "./trainingStep.js";

/**
 * A training step (forward, cross entropy, backward, Adam) of one engine with one thread and with several
 * (`OMP_NUM_THREADS`), in two processes that alternate. Options: `ENGINE=wasm THREADS=2 ROUNDS=7
 * CASES=resnet18-w2a2-64:16,quickstart-w2a2-28:128` (each with its batch size).
 */
const { ENGINE = "wasm", THREADS = "2", ROUNDS = "7" } = process.env;
const { CASES = "resnet18-w2a2-64:16,quickstart-w2a2-28:128" } = process.env;
const THIS = fileURLToPath(import.meta.url);

const [role, name = "", batch = ""] = process.argv.slice(2);
if (role === "step") await answer(name, Number(batch));
else for (const named of CASES.split(",")) await compare(named);

/** In the child process: one step per line. */
async function answer(name: string, batch: number): Promise<void> {
  const { version, capabilities } = await engines[ENGINE as EngineName].load();
  const stepCase = parseCase(name);
  const step = repeatedStep(graphOf(stepCase), batch);
  console.log(`ready ${capabilities.threads} cpu ${ENGINE} ${version}`);
  for await (const _ of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const loss = step.run();
    console.log(`${performance.now() - start} ${loss}`);
  }
}

async function compare(named: string): Promise<void> {
  const [name = "", batch = "16"] = named.split(":");
  const start = (threads: string) =>
    startSide(process.execPath, [THIS, "step", name, batch], { ...process.env, OMP_NUM_THREADS: threads });
  const sides = [await start("1"), await start(THREADS)] as const;
  const [one, several] = await inTurns(sides, Number(ROUNDS));
  for (const side of sides) side.end();
  if (one === undefined || several === undefined) return;
  const [a, b] = [one, several].map(({ times }) => `${median(times).toFixed(1)} ms`);
  const same = String(one.losses) === String(several.losses) ? "the same losses" : "DIFFERENT losses";
  const speed = (1 / ratioOf(one, several)).toFixed(2);
  console.log(`${named}: 1 thread ${a}, ${sides[1].threads} threads ${b}, ${speed}× as fast, ${same}`);
  console.log(
    `  ${[one, several].map(({ times }) => times.map((ms) => ms.toFixed(0)).join(" ")).join(" | ")}`,
  );
}
