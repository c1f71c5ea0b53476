import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { dispose, getBackend, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import type { ProcessGroup } from "../../src/engines/ranks.js";
import { wasm } from "../../src/engines/wasm/engine.js";
import { groupParameters } from "../../src/graph/groups.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import { buildGraph } from "../../src/models/models.js";
import { type Overrides, overrides, setOverrides } from "../../src/overrides.js";
import { normals } from "../../src/random.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../../src/train/firstBatch.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../../src/train/step.js";
import { createStore } from "../../src/train/store.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { relativeError } from "../helpers/golden.js";
import { line, training } from "../helpers/lineLoop.js";
import { mirroredRanks } from "../helpers/mirroredRanks.js";

await wasm.load();

const shape = { inputSize: [8, 8] as const, classes: 3, stem: { kernel: 3, stride: 1, channels: 4 } };
const stages = [{ block: "basic" as const, channels: 4, blocks: 1, stride: 2 }];
const half = normals(2 * 8 * 8 * 3, 1, 1, "images");
const labels = [0, 2];

/**
 * The gradients (momentum's first value) and buffers after one step over repeated halves of the batch. The
 * same images initialize the quantizers.
 */
function stepped(graph: TrainingGraph, copies: number, ranks?: ProcessGroup): Map<string, Float32Array> {
  const before = memory().numTensors;
  const state = { graph, store: createStore(graph, 3), optimizerState: new Map(), step: 0 };
  const pixels = Float32Array.from({ length: copies * half.length }, (_, i) => half[i % half.length]!);
  const images = tensor(pixels, [2 * copies, 8, 8, 3]);
  initializeFromFirstBatch(graph, state.store, images, parametersFromFirstBatch(graph));
  const own = tensor(Array.from({ length: copies }, () => labels).flat(), [2 * copies], "int32") as Tensor1D;
  const { loss, logits, gradientNorm } = trainStep(state, {
    ...{ images, targets: { labels: own }, loss: training.loss, lrFactor: 1, wantNorm: true, ranks },
    ...{ optimizer: createOptimizer(training.optimizer), groups: groupParameters(graph, training.optimizer) },
    syncBatchNorm: true,
  });
  const read = (one: Tensor) => Float32Array.from(one.dataSync());
  const values = new Map([...state.store].map(([name, one]) => [name, read(one)]));
  const moments = state.optimizerState as Map<string, { readonly momentum_buffer: Tensor }>;
  for (const [name, { momentum_buffer }] of moments) values.set(name, read(momentum_buffer));
  values.set("the gradient's norm", read(gradientNorm!));
  dispose([images, own, loss, logits, gradientNorm as Tensor]);
  disposeState(state);
  t.equal(memory().numTensors, before, "nothing leaks");
  return values;
}

for (const method of ["n2uq", "lsq", "pact", "dorefa", "none"] as const) {
  t.test(`two ranks with equal parts take the step of one process with both: ${method}`, async (t) => {
    const graph = buildGraph(
      architecture("stages", { ...shape, stages } as never),
      quantization(method === "none" ? { method } : { method, bits: { weights: 3, activations: 3 } }),
      quantizers,
    );
    const [whole, part] = [stepped(graph, 2), stepped(graph, 1, mirroredRanks(2))];
    t.same([...part.keys()], [...whole.keys()]);
    for (const [name, values] of whole) {
      const found = part.get(name)!;
      const error = relativeError(found, values);
      // A scale before a BatchNorm changes nothing: its gradient is what rounding leaves of zero.
      const isRounding = values.every((value, i) => Math.abs(value - found[i]!) < 1e-6);
      t.ok(error < 1e-4 || isRounding, `${name}: relative error ${error.toExponential(1)}`);
    }
  });
}

t.test(
  "a step scales learning rates, computes the norm on request, and frees tensors when it fails",
  async (t) => {
    const optimizer = { ...training.optimizer, momentum: 0 };
    const rates: (readonly [number, number, number])[] = [];
    const plain = createOptimizer(optimizer);
    const request = (more: object = {}) => ({
      images: tensor([1, 2], [1, 1, 1, 2]),
      targets: { labels: tensor([3], [1], "int32") as Tensor1D },
      ...{ loss: training.loss, lrFactor: 0.5, groups: groupParameters(line, optimizer) },
      optimizer: {
        update: ((given, settings) => {
          rates.push([settings.lr, settings.weightDecay, settings.step]);
          return plain.update(given, settings);
        }) as typeof plain.update,
      },
      ...more,
    });
    const state = { graph: line, store: createStore(line, 1), optimizerState: new Map(), step: 6 };
    const before = [...state.store.get("fc.bias")!.dataSync()];
    const { loss, logits, gradientNorm } = trainStep(state, request());
    t.equal(gradientNorm, null);
    t.equal(state.step, 7);
    const expected = [training.optimizer.lr * 0.5, 0, 7];
    t.same(rates, [expected]);
    const odds = [...logits.dataSync()].map(Math.exp);
    const sum = odds.reduce((total, one) => total + one, 0);
    const gradient = odds.map((one, i) => one / sum - (i === 3 ? 1 : 0));
    const wanted = gradient.map((slope, i) => before[i]! - 0.05 * slope);
    t.ok(relativeError(state.store.get("fc.bias")!.dataSync(), wanted) < 1e-5);
    t.ok(Math.abs(loss.dataSync()[0]! + Math.log(odds[3]! / sum)) < 1e-5);

    const norm = trainStep(state, request({ wantNorm: true }));
    const second = [...norm.logits.dataSync()].map(Math.exp);
    const total = second.reduce((all, one) => all + one, 0);
    const squares = second.map((one, i) => (one / total - (i === 3 ? 1 : 0)) ** 2);
    // The weights' gradients are those of the bias times the pixels 1 and 2.
    const length = Math.sqrt(6 * squares.reduce((all, one) => all + one, 0));
    t.ok(Math.abs(norm.gradientNorm!.dataSync()[0]! / length - 1) < 1e-5);

    const unknown = [{ lr: 1, weightDecay: 0, tensors: ["fc.other"] }];
    t.throws(() => trainStep(state, request({ groups: unknown })), {
      ...{ code: "N2UQ_INTERNAL", message: /no parameter or gradient fc\.other/ },
    });
  },
);

t.test("an engine's override of an optimizer takes precedence", async (t) => {
  const before = overrides();
  const settings = { lr: 0.1, weightDecay: 0, step: 1 };
  const calls: unknown[] = [];
  const sgd: NonNullable<Overrides["optimizers"]>[string] = (...given) => {
    calls.push(given.slice(1));
    return [];
  };
  const { optimizer } = training;
  setOverrides(getBackend(), { ...before, optimizers: { sgd } });
  try {
    t.same(createOptimizer(optimizer).update([], settings), []);
    createOptimizer({ ...optimizer, kind: "adam", betas: [0, 0], epsilon: 1 }).update([], settings);
  } finally {
    setOverrides(getBackend(), before);
  }
  t.same(calls, [[settings, optimizer]]);
});
