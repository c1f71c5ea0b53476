import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import { randomUniform, tensor1d } from "@tensorflow/tfjs-core";
import { describeEngines, engines } from "../src/engines/engines.js";
import type { EngineName } from "../src/engines/types.js";
import { groupParameters } from "../src/graph/groups.js";
import { buildGraph } from "../src/models/models.js";
import { packageVersion } from "../src/package.js";
import { resolveExperiment } from "../src/resolve/resolve.js";
import { createOptimizer } from "../src/train/optimizers.js";
import type { TrainState } from "../src/train/step.js";
import { disposeState, trainStep } from "../src/train/step.js";
import { createStore } from "../src/train/store.js";

/** One engine as this machine has it, with the median time of one small training step. */
export interface EngineReport {
  readonly name: string;
  readonly summary: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
  readonly device?: string;
  readonly version?: string;
  readonly stepMs?: number;
}

export interface DoctorReport {
  readonly n2uq: string;
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly engines: readonly EngineReport[];
  readonly packages: readonly {
    readonly name: string;
    readonly version: string | null;
    readonly optional: boolean;
  }[];
}

const PACKAGES = [
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-cpu",
  "sharp",
];
const OPTIONAL_PACKAGES = ["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"];
const BATCH = 8;
const TIMED_STEPS = 3;

/** What this machine has, and how fast each engine is here. `onEngine` says which one is being timed. */
export async function examine(onEngine: (name: string) => void): Promise<DoctorReport> {
  const reports: EngineReport[] = [];
  for (const description of await describeEngines()) {
    onEngine(description.name);
    reports.push(
      description.available ? { ...description, ...(await timeEngine(description.name)) } : description,
    );
  }
  return {
    n2uq: packageVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    engines: reports,
    packages: [
      ...PACKAGES.map((name) => ({ name, version: installed(name), optional: false })),
      ...OPTIONAL_PACKAGES.map((name) => ({ name, version: installed(name), optional: true })),
    ],
  };
}

/** The step that is timed: a CIFAR ResNet-20, N2UQ W2A2, 8 images of 32×32. */
async function timeEngine(name: EngineName) {
  const { device, version } = await engines[name].load();
  const resolved = resolveExperiment(
    { name: "doctor", architecture: { family: "cifar-resnet", depth: 20 }, data: { dataset: "synthetic" } },
    { facts: { classes: 10, imageSize: [32, 32], channels: 3 }, engine: name },
  );
  const graph = buildGraph(resolved.architecture, resolved.quantization);
  const state: TrainState = { graph, store: createStore(graph, 0), optimizerState: new Map(), step: 0 };
  const images = randomUniform([BATCH, ...graph.input], -1, 1, "float32", 0);
  const labels = tensor1d([...Array(BATCH).keys()], "int32") as Tensor1D;
  const { optimizer, loss } = resolved.training;
  const request = {
    images,
    targets: { labels },
    loss,
    optimizer: createOptimizer(optimizer),
    groups: groupParameters(graph, optimizer),
    lrFactor: 1,
  };
  const times: number[] = [];
  for (let i = 0; i <= TIMED_STEPS; i++) {
    const started = performance.now();
    const result = trainStep(state, request);
    await result.loss.data();
    if (i > 0) times.push(performance.now() - started);
    result.loss.dispose();
    result.logits.dispose();
  }
  disposeState(state);
  images.dispose();
  labels.dispose();
  const stepMs = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  return { device, version, stepMs };
}

function installed(name: string): string | null {
  try {
    const require = createRequire(import.meta.url);
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
