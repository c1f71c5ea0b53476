import type { Tensor1D } from "@tensorflow/tfjs-core";
import { tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../src/core/quantizers.js";
import { groupParameters } from "../src/graph/groups.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import { normals } from "../src/random.js";
import type { ResolvedOptimizer } from "../src/resolve/types.js";
import { createOptimizer } from "../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../src/train/step.js";
import { createStore } from "../src/train/store.js";
import { architecture, quantization } from "../test/helpers/experiments.js";

/** A repeatable training step, on the engine that was current when it was created. */
export interface RepeatedStep {
  /** Runs one step and returns its loss. */
  run(): number;
  dispose(): void;
}

/** Seed of the initial weights. */
export const SEED = 1;

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
  return repeatedStep(graph, batch, side);
}

/** Normal random numbers, `[batch, side, side, channels]`, the same in every call. */
export function randomImages(batch: number, side: number, channels = 3): Float32Array {
  return normals(batch * side ** 2 * channels, 1, 1, "images");
}

/** A step of any network on random images: image i has class i modulo the classes; cross-entropy and Adam. */
export function repeatedStep(graph: TrainingGraph, batch: number, side: number): RepeatedStep {
  const settings: ResolvedOptimizer = {
    kind: "adam",
    lr: 1e-4,
    weightDecay: 0,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    groups: [],
  };
  const state = { graph, store: createStore(graph, SEED), optimizerState: new Map(), step: 0 };
  const [, , channels = 3] = graph.input;
  const images = tensor(randomImages(batch, side, channels), [batch, side, side, channels]);
  const labels = tensor(
    Array.from({ length: batch }, (_, i) => i % graph.classes),
    [batch],
    "int32",
  ) as Tensor1D;
  const optimizer = createOptimizer(settings);
  const groups = groupParameters(graph, settings);
  return {
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
