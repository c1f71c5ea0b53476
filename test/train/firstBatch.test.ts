import { memory, type Tensor, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../../src/train/firstBatch.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { quantization } from "../helpers/experiments.js";
import { relativeError } from "../helpers/golden.js";

await cpu.load();

const lsq = { method: "lsq", bits: 2 } as const;

/** A quantized convolution, whose output a quantized linear layer takes; a third layer is not quantized. */
function network() {
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.quantize("quan1", b.input(1, 1, 2), lsq);
  b.conv("conv", "quan1", { channels: 2, kernel: 1, quant: lsq });
  b.globalAveragePool("pool", "conv");
  b.quantize("quan2", "pool", lsq);
  b.linear("fc", "quan2", 2, lsq);
  b.linear("last", "fc", 2);
  return b.finish("test");
}

const images = tensor([1, 2, 3, 6], [2, 1, 1, 2]);
const graph = network();
const steps = ["quan1.step", "conv.step", "quan2.step", "fc.step"];

/** The steps after the first batch initialized these parameters. */
function initialized(pending: readonly string[]) {
  const before = memory().numTensors;
  const store = createStore(graph, 1);
  replace(store, "conv.weight", tensor([3.2, 0, 0, 1.2], [1, 1, 2, 2]) as Tensor);
  replace(store, "fc.weight", tensor([1, 2, 3, 4], [2, 2]) as Tensor);
  initializeFromFirstBatch(graph, store, images, new Set(pending));
  const found = steps.map((name) => store.get(name)!.dataSync()[0]!);
  disposeStore(store);
  t.equal(memory().numTensors, before, "no tensor stays");
  return found;
}

t.test("the parameters from data", async (t) => {
  t.same([...parametersFromFirstBatch(graph)], steps);
});

t.test("steps are 2·mean|v|/√Qp, in the order of the network", async (t) => {
  const root = Math.sqrt(3);
  const first = (2 * 3) / root;
  const ofWeights = 2.2;
  // 2 bits have the codes 0 … 3 for activations and -2 … 1 for weights.
  const quantized = [1, 2, 3, 6].map((v) => Math.min(3, Math.round(v / first)) * first);
  const [a, b] = [3.2, 1.2].map((w) => Math.min(1, Math.round(w / ofWeights)) * ofWeights);
  const outputs = quantized.map((v, i) => v * (i % 2 === 0 ? a! : b!));
  const second = (2 * outputs.reduce((sum, v) => sum + v, 0)) / 4 / root;
  const found = initialized(steps);
  t.ok(relativeError(found, [first, ofWeights, second, 5]) < 1e-6, `${found}`);
});

t.test("only pending parameters are replaced", async (t) => {
  t.same(initialized([]), [1, 1, 1, 1]);
  t.same(initialized(["fc.step", "quan3.step"]), [1, 1, 1, 5]);
});
