import { tensor } from "@tensorflow/tfjs-core";
import type { Batch } from "../../src/data/types.js";
import { groupParameters } from "../../src/graph/groups.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import type { ResolvedTraining } from "../../src/resolve/types.js";
import type { TrainEvent } from "../../src/runs/events.js";
import type { Metrics } from "../../src/runs/record.js";
import type { LoopContext } from "../../src/train/loop.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import type { Progress } from "../../src/train/progress.js";
import type { MutableStore } from "../../src/train/store.js";
import { createStore, replace } from "../../src/train/store.js";

export const CLASSES = 7;

/** The smallest network that can be trained: an image of one pixel with two channels, and a linear layer. */
export const line = {
  name: "line",
  input: [1, 1, 2],
  classes: CLASSES,
  nodes: [
    { id: "input", kind: "input", inputs: [], attrs: {}, shape: [1, 1, 2], params: [], buffers: [] },
    {
      ...{ id: "pool", kind: "global-average-pool", inputs: ["input"], attrs: {}, shape: [2] },
      ...{ params: [], buffers: [] },
    },
    {
      ...{ id: "fc", kind: "linear", inputs: ["pool"], shape: [CLASSES], buffers: [] },
      attrs: { inFeatures: 2, outFeatures: CLASSES },
      params: [
        { name: "fc.weight", shape: [CLASSES, 2], layout: "linear", init: { kind: "uniform", bound: 0.5 } },
        { name: "fc.bias", shape: [CLASSES], layout: "vector", init: { kind: "constant", value: 0 } },
      ],
    },
  ],
  decisions: {},
} as const satisfies TrainingGraph;

/** Sets the classifier's weights so that its output is these logits for every image. */
export function answer(store: MutableStore, logits: readonly number[]): void {
  replace(store, "fc.weight", tensor(new Float32Array(2 * CLASSES), [2, CLASSES]));
  replace(store, "fc.bias", tensor([...logits], [CLASSES]));
}

export const training: ResolvedTraining = {
  ...{ epochs: 2, steps: null, batchSize: 4, seed: 0, precision: "float32", syncBatchNorm: true },
  optimizer: { kind: "sgd", lr: 0.1, weightDecay: 0, groups: [], momentum: 0.9, nesterov: false },
  schedule: { kind: "linear", per: "step", warmupEpochs: 0 },
  loss: { kind: "cross-entropy", labelSmoothing: 0 },
  checkpoint: { everySteps: null, everyEpochs: 1 },
  ...{ stopOnNaN: true, maxLoss: null },
};

export const STEPS_PER_EPOCH = 3;

/**
 * The batch at a position of the run; its images depend on the position, its labels cycle through all
 * classes.
 */
export function batchAt(epoch: number, index: number, count = training.batchSize): Batch {
  const place = epoch * STEPS_PER_EPOCH + index;
  return {
    ...{ index, count },
    images: Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(1 + place * 5 + i)),
    labels: Int32Array.from({ length: count }, (_, i) => (place + 2 * i) % CLASSES),
    numbers: Uint32Array.from({ length: count }, (_, i) => i),
  };
}

/** A training loop for `line` that records its events, the steps with the best metrics, and checkpoints. */
export function loop(more: Partial<LoopContext> & { readonly validations?: readonly Metrics[] } = {}) {
  const { validations, ...own } = more;
  const settings = own.training ?? training;
  const state = own.state ?? { graph: line, store: createStore(line, 1), optimizerState: new Map(), step: 0 };
  const events: TrainEvent[] = [];
  const [bestAt, checkpoints]: [number[], Progress[]] = [[], []];
  let validated = 0;
  const context: LoopContext = {
    ...{ run: "line", training: settings, state },
    ...{ stepsPerEpoch: STEPS_PER_EPOCH, epochs: settings.epochs },
    totalSteps: STEPS_PER_EPOCH * settings.epochs,
    optimizer: createOptimizer(settings.optimizer),
    groups: groupParameters(line, settings.optimizer),
    async *batches(epoch, firstBatch) {
      for (let index = firstBatch; index < STEPS_PER_EPOCH; index++) yield batchAt(epoch, index);
    },
    validate: async () => validations?.[validated++] ?? { loss: 1, top1: 50, top5: 90 },
    keepBest: async () => {
      bestAt.push(state.step);
    },
    checkpoint: async (progress) => {
      checkpoints.push(progress);
    },
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    ...own,
  };
  return { context, state, events, bestAt, checkpoints };
}

/** The events of one kind. */
export function only<Type extends TrainEvent["type"]>(events: readonly TrainEvent[], type: Type) {
  return events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type);
}
