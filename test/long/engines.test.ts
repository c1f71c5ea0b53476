import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { backend, dispose, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { groupParameters } from "../../src/graph/groups.js";
import { buildGraph } from "../../src/models/models.js";
import { normals } from "../../src/random.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../../src/train/step.js";
import { createStore } from "../../src/train/store.js";
import { n2uq } from "../helpers/cli.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { killAfter, outcome } from "../helpers/killing.js";
import { withoutTensorflow } from "../helpers/tensorflow.js";
import { withoutTorch } from "../helpers/torch.js";
import { followTrajectory } from "../helpers/trajectory.js";

/** Engines on a native library, how often the small network is trained, and what fixes their threads. */
const natives = [
  { name: "tensorflow", skip: withoutTensorflow, steps: 1_000, threads: "TF_NUM_INTRAOP_THREADS" },
  { name: "torch", skip: withoutTorch, steps: 10_000, threads: "OMP_NUM_THREADS" },
] as const;

for (const { name, skip, steps, threads } of natives) {
  t.test(`three Adam steps of ResNet-18 W2A2 follow PyTorch's on ${name}`, { skip }, async (t) => {
    await engines[name].load();
    await followTrajectory(t, "resnet18-2bit-downsample_quantized");
  });

  t.test(`${steps} steps on ${name} leave no tensor behind and no memory`, { skip }, async (t) => {
    await engines[name].load();
    const graph = buildGraph(
      architecture("stages", {
        classes: 10,
        inputSize: [12, 12],
        stem: { kernel: 3, stride: 1, channels: 8, pool: false },
        stages: [{ block: "basic", channels: 8, blocks: 1, stride: 1, expansion: 1 }],
      }),
      quantization(),
      quantizers,
    );
    const settings = {
      kind: "adam",
      lr: 1e-3,
      weightDecay: 1e-4,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      groups: [],
    } as const;
    const state = { graph, store: createStore(graph, 1), optimizerState: new Map(), step: 0 };
    const images = tensor(normals(4 * 12 * 12 * 3, 1, 1, "images"), [4, 12, 12, 3]);
    const labels = tensor(Int32Array.of(0, 1, 2, 3), [4], "int32") as Tensor1D;
    const [optimizer, groups] = [
      createOptimizer(settings as never),
      groupParameters(graph, settings as never),
    ];
    const loss = { kind: "cross-entropy", labelSmoothing: 0 } as const;
    const counts = new Set<string>();
    const footprints: Footprint[] = [];
    // The first hundreds also fill what is kept for good: compiled code, the library's pool, constants.
    const warm = 500;
    for (let step = 0; step <= warm + steps; step++) {
      const result = trainStep(state, { images, targets: { labels }, loss, optimizer, groups, lrFactor: 1 });
      result.loss.dataSync();
      result.loss.dispose();
      result.logits.dispose();
      if (step > 0) counts.add(`${memory().numTensors} of tfjs, ${backend().numDataIds()} of the library`);
      if ((step - warm) % (steps / 2) === 0 && step >= warm) footprints.push(await footprint());
    }
    t.equal(counts.size, 1, `tensors after each step: ${[...counts].join("; ")}`);
    for (const part of ["native", "javascript"] as const) {
      const [start = 0, middle = 0, end = 0] = footprints.map((footprint) => footprint[part] / 2 ** 20);
      // What leaks grows in both halves; the C library's own keeping and giving back comes once.
      const growth = Math.min(middle - start, end - middle);
      const shown = [start, middle, end].map((megabytes) => megabytes.toFixed(1)).join(", ");
      t.ok(growth < 12, `${part} memory before, halfway and after ${steps} steps: ${shown} MB`);
    }
    disposeState(state);
    dispose([images, labels]);
  });

  t.test(`a killed run on ${name} resumes bit-identically`, { skip }, async (t) => {
    process.env[threads] = "2";
    const folder = t.testdir({ whole: {}, killed: {}, "small.yaml": SMALL });
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    const args = ["run", join(folder, "small.yaml"), "--engine", name, "--runs"];
    const run = await n2uq([...args, whole]);
    t.equal(run.code, 0, run.stderr);
    for (const after of [30, 25, 40]) {
      t.equal((await killAfter(after, [...args, killed])).signal, "SIGKILL");
    }
    const last = await n2uq([...args, killed]);
    t.equal(last.code, 0, last.stderr);
    t.same(outcome(killed), outcome(whole));
  });
}

const SMALL = `
name: small
architecture:
  family: stages
  classes: 10
  stem: { kernel: 3, stride: 2, channels: 16 }
  stages: [{ block: basic, channels: 16, blocks: 1 }, { block: basic, channels: 32, blocks: 1, stride: 2 }]
data: { dataset: mnist, trainLimit: 3200, testLimit: 500 }
quantization: { method: n2uq, bits: 2 }
training: { epochs: 6, batchSize: 128, optimizer: { kind: adam, lr: 2.0e-3 }, seed: 0 }
`;

/** In bytes. */
interface Footprint {
  /** The resident memory beyond the pages of JavaScript's heap. */
  readonly native: number;
  /** What JavaScript's heap still needs; how many pages it keeps free is its own affair. */
  readonly javascript: number;
}

/** After what JavaScript no longer needs is gone; V8 gives the pages back a little later, in another thread. */
async function footprint(): Promise<Footprint> {
  setFlagsFromString("--expose-gc");
  for (let round = 0; round < 3; round++) {
    runInNewContext("gc")();
    await setTimeout(500);
  }
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return { native: rss - heapTotal, javascript: heapUsed };
}
