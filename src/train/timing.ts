import { randomUniform, type Tensor1D, tensor1d } from "@tensorflow/tfjs-core";
import { groupParameters } from "../graph/groups.js";
import type { TrainingGraph } from "../graph/types.js";
import type { ResolvedTraining } from "../resolve/types.js";
import { createOptimizer } from "./optimizers/optimizers.js";
import { disposeState, type TrainState, trainStep } from "./step.js";
import { createStore } from "./store.js";

const TIMED_STEPS = 3;

/**
 * The median time of a training step in milliseconds, on random images and the current engine. The first step
 * is excluded.
 */
export async function timeStep(
  graph: TrainingGraph,
  training: ResolvedTraining,
  batch: number,
): Promise<number> {
  const state: TrainState = { graph, store: createStore(graph, 0), optimizerState: new Map(), step: 0 };
  const images = randomUniform([batch, ...graph.input], -1, 1, "float32", 0);
  const labels: Tensor1D = tensor1d(
    Int32Array.from({ length: batch }, (_, i) => i % graph.classes),
    "int32",
  );
  const request = {
    images,
    targets: { labels },
    loss: { kind: "cross-entropy", labelSmoothing: 0 } as const,
    optimizer: createOptimizer(training.optimizer),
    groups: groupParameters(graph, training.optimizer),
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
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
