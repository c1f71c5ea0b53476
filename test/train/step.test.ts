import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { dispose, memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import type { ProcessGroup } from "../../src/engines/ranks.js";
import { wasm } from "../../src/engines/wasm/engine.js";
import { groupParameters } from "../../src/graph/groups.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import { buildGraph } from "../../src/models/models.js";
import { normals } from "../../src/random.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../../src/train/firstBatch.js";
import { createOptimizer } from "../../src/train/optimizers/optimizers.js";
import { disposeState, trainStep } from "../../src/train/step.js";
import { createStore } from "../../src/train/store.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { relativeError } from "../helpers/golden.js";
import { training } from "../helpers/lineLoop.js";
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
