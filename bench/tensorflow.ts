import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { tensorflow } from "../src/engines/tensorflow/engine.js";
import { median } from "./measure.js";
import { makePlain } from "./plain.js";
import { resnet18Step } from "./trainingStep.js";

/**
 * Times a training step of ResNet-18 W2A2 at 224 pixels, batch 16, on the tensorflow engine, and the same
 * step in single operations of the same library. Each case runs in a separate process, because the allocator
 * is selected when the library is loaded. Cases alternate, so that a temporary slowdown affects all of them.
 */
const [BATCH, SIDE, ROUNDS] = [16, 224, Number(process.env.N2UQ_BENCH_ROUNDS ?? 7)];
const CASES = {
  ours: { title: "the tensorflow engine", env: {} },
  plain: { title: "operation by operation", env: { TF_CPU_ALLOCATOR_USE_BFC: "false" } },
  plainPooled: { title: "the same with our allocator", env: {} },
} as const;

type CaseName = keyof typeof CASES;

const role = process.argv[2];
if (role === undefined) await compare();
else await answer(role as CaseName);

/** In the child process: one step per message. */
async function answer(name: CaseName): Promise<void> {
  const { version, device } = await tensorflow.load();
  if (name !== "ours") makePlain();
  const step = resnet18Step(BATCH, SIDE);
  process.on("message", () => {
    const start = performance.now();
    step.run();
    process.send?.(performance.now() - start);
  });
  process.send?.(`libtensorflow ${version}, ${device}`);
}

async function compare(): Promise<void> {
  const names = Object.keys(CASES) as CaseName[];
  const children = new Map<CaseName, ChildProcess>();
  for (const name of names) {
    const child = fork(fileURLToPath(import.meta.url), [name], {
      env: { ...process.env, ...CASES[name].env },
    });
    children.set(name, child);
    console.log(`${CASES[name].title}: ${await told(child)}`);
  }
  const times = new Map<CaseName, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, child] of children) {
      child.send("step");
      const ms = Number(await told(child));
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  for (const child of children.values()) child.disconnect();
  report(times);
}

function report(times: ReadonlyMap<CaseName, readonly number[]>): void {
  const paired = (name: CaseName) =>
    (times.get(name) ?? []).map((ms, round) => ms / (times.get("ours")?.[round] ?? Number.NaN));
  console.log(
    `\nResNet-18 W2A2, ${SIDE} px, batch ${BATCH}, ${availableParallelism()} cores, ${ROUNDS} rounds`,
  );
  for (const name of Object.keys(CASES) as CaseName[]) {
    const [ms, ratio] = [median(times.get(name) ?? []), median(paired(name))];
    console.log(
      `${CASES[name].title.padEnd(30)}${ms.toFixed(0).padStart(7)} ms${ratio.toFixed(2).padStart(7)}×`,
    );
  }
}

function told(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`a child ended with ${code}`)));
  });
}
