import { engine } from "@tensorflow/tfjs-core";
import { engines } from "../src/engines/engines.js";
import type { EngineName } from "../src/engines/types.js";
import { graphOf, parseCase } from "./stepCases.js";
import { repeatedStep } from "./trainingStep.js";

/**
 * The time of a training step per kernel; the time of a nested kernel counts for the outer kernel. Options:
 * `ENGINE=torch BATCH=16 CASE=resnet18-w4a4-224`.
 */
const { ENGINE = "wasm", BATCH = "8", CASE = "resnet18-w2a2-64" } = process.env;
await engines[ENGINE as EngineName].load();
const stepCase = parseCase(CASE);
const step = repeatedStep(graphOf(stepCase), Number(BATCH), stepCase.side);
step.run();
const times = new Map<string, { calls: number; ms: number }>();
const runKernel = engine().runKernel.bind(engine());
engine().runKernel = ((name, inputs, attrs) => {
  const start = performance.now();
  const output = runKernel(name, inputs, attrs);
  const before = times.get(name) ?? { calls: 0, ms: 0 };
  times.set(name, { calls: before.calls + 1, ms: before.ms + performance.now() - start });
  return output;
}) as typeof runKernel;
const steps = 3;
const start = performance.now();
for (let index = 0; index < steps; index++) step.run();
const total = (performance.now() - start) / steps;
step.dispose();
const inside = [...times.values()].reduce((sum, { ms }) => sum + ms, 0) / steps;
console.log(`${total.toFixed(1)} ms per step, ${inside.toFixed(1)} ms of it in kernels`);
for (const [name, { calls, ms }] of [...times].sort((a, b) => b[1].ms - a[1].ms)) {
  const share = ((100 * ms) / steps / total).toFixed(1);
  console.log(
    `${name.padEnd(24)} ${String(calls / steps).padStart(6)} calls ${(ms / steps).toFixed(2).padStart(9)} ms ${share.padStart(6)} %`,
  );
}
