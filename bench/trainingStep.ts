import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../src/core/quantizers.js";
import { groupParameters } from "../src/graph/groups.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import { normals } from "../src/random.js";
import type { ResolvedOptimizer } from "../src/resolve/types.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../src/train/firstBatch.js";
import { createOptimizer } from "../src/train/optimizers/optimizers.js";
import type { TrainState } from "../src/train/step.js";
import { disposeState, trainStep } from "../src/train/step.js";
import type { MutableStore } from "../src/train/store.js";
import { createStore } from "../src/train/store.js";
import { architecture, quantization } from "../test/helpers/experiments.js";

/** A repeatable training step, on the engine that was current when it was created. */
export interface RepeatedStep {
  /** Runs one step and returns its loss. */
  run(): number;
  /** Parameters and optimizer state after the steps so far. */
  readonly state: TrainState;
  dispose(): void;
}

/** Seed of the initial weights. */
const SEED = 1;

/**
 * A step of ResNet-18 W2A2 with N2UQ on random images of `side × side` pixels, with Adam, otherwise as in the
 * released recipe.
 */
export function resnet18Step(batch: number, side = 64): RepeatedStep {
  const graph = buildGraph(
    architecture("resnet", { depth: 18, inputSize: [side, side] }),
    quantization(),
    quantizers,
  );
  return repeatedStep(graph, batch);
}

/** Normal random numbers, `[batch, side, side, channels]`, the same in every call. */
function randomImages(batch: number, side: number, channels = 3): Float32Array {
  return normals(batch * side ** 2 * channels, 1, 1, "images");
}

/** The images of a step, `[batch, height, width, channels]`. */
export function stepImages(graph: TrainingGraph, batch: number): Tensor {
  const [side = 0, , channels = 0] = graph.input;
  return tensor(randomImages(batch, side, channels), [batch, side, side, channels]);
}

/**
 * The initial weights of a step, as in a run: parameters such as LSQ's step sizes are initialized from the
 * weights and the images.
 */
export function initialStore(graph: TrainingGraph, images: Tensor): MutableStore {
  const store = createStore(graph, SEED);
  initializeFromFirstBatch(graph, store, images, parametersFromFirstBatch(graph));
  return store;
}

/**
 * A step of any network on random images, from the initial weights or those of `store`, which it then owns. Image i has
 * class i modulo the classes; cross-entropy and Adam.
 */
export function repeatedStep(graph: TrainingGraph, batch: number, store?: MutableStore): RepeatedStep {
  const settings: ResolvedOptimizer = {
    kind: "adam",
    lr: 1e-4,
    weightDecay: 0,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    groups: [],
  };
  const images = stepImages(graph, batch);
  const from = store ?? initialStore(graph, images);
  const state: TrainState = { graph, store: from, optimizerState: new Map(), step: 0 };
  const labels = tensor(
    Array.from({ length: batch }, (_, i) => i % graph.classes),
    [batch],
    "int32",
  ) as Tensor1D;
  const optimizer = createOptimizer(settings);
  const groups = groupParameters(graph, settings);
  return {
    state,
    run() {
      const { loss, logits } = trainStep(state, {
        images,
        targets: { labels },
        loss: { kind: "cross-entropy", labelSmoothing: 0 },
        optimizer,
        groups,
        lrFactor: 1,
      });
      const [value = Number.NaN] = loss.dataSync();
      loss.dispose();
      logits.dispose();
      return value;
    },
    dispose() {
      disposeState(state);
      images.dispose();
      labels.dispose();
    },
  };
}
