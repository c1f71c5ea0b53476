import type { Tensor } from "@tensorflow/tfjs-core";
import { engine } from "@tensorflow/tfjs-core";
import { engines } from "../src/engines/engines.js";
import type { EngineName } from "../src/engines/types.js";
import { graphOf, parseCase } from "./stepCases.js";
import { repeatedStep } from "./trainingStep.js";

/**
 * The time of a training step per kernel, and per kernel and shape of its inputs, which distinguishes layers; the
 * time of a nested kernel counts for the outer kernel. `npm run bench:profile -- resnet18-w4a4-224`; options:
 * `ENGINE=torch BATCH=16 PRECISION=bfloat16`.
 */
const { ENGINE = "wasm", BATCH = "8", PRECISION } = process.env;
const [name = "resnet18-w2a2-64"] = process.argv.slice(2);
await engines[ENGINE as EngineName].load(PRECISION === "bfloat16" ? "bfloat16" : "float32");
const step = repeatedStep(graphOf(parseCase(name)), Number(BATCH));
step.run();

/** Calls and their time in a step, by name. */
class Times {
  private readonly entries = new Map<string, { calls: number; ms: number }>();

  add(name: string, ms: number): void {
    const before = this.entries.get(name) ?? { calls: 0, ms: 0 };
    this.entries.set(name, { calls: before.calls + 1, ms: before.ms + ms });
  }

  print(steps: number, total: number, most: number): void {
    for (const [name, { calls, ms }] of [...this.entries].sort((a, b) => b[1].ms - a[1].ms).slice(0, most)) {
      const share = ((100 * ms) / steps / total).toFixed(1);
      console.log(
        `${name.padEnd(64)} ${String(calls / steps).padStart(6)} calls ${(ms / steps).toFixed(2).padStart(9)} ms ${share.padStart(6)} %`,
      );
    }
  }
}

const byKernel = new Times();
const byShape = new Times();
let inside = 0;
const runKernel = engine().runKernel.bind(engine());
engine().runKernel = ((name, inputs, attrs) => {
  const start = performance.now();
  const output = runKernel(name, inputs, attrs);
  const ms = performance.now() - start;
  const shapes = Object.values(inputs as unknown as Record<string, Tensor | undefined>).flatMap((input) =>
    input?.shape === undefined || input.rank < 2 ? [] : [input.shape.join("×")],
  );
  byKernel.add(name, ms);
  byShape.add(`${name} ${shapes.join(", ")}`, ms);
  inside += ms;
  return output;
}) as typeof runKernel;
const steps = 3;
const start = performance.now();
for (let index = 0; index < steps; index++) step.run();
const total = (performance.now() - start) / steps;
step.dispose();
console.log(`${total.toFixed(1)} ms per step, ${(inside / steps).toFixed(1)} ms of it in kernels\n`);
byKernel.print(steps, total, 24);
console.log();
byShape.print(steps, total, 32);
