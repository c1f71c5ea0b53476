import { memory, type Tensor, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import type { Batch } from "../../src/data/types.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { layerCosts } from "../../src/graph/cost.js";
import type { Method } from "../../src/resolve/types.js";
import { analyze, curvesOf } from "../../src/train/analyze.js";
import { entropyBits } from "../../src/train/entropy.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { quantization } from "../helpers/experiments.js";
import { relativeError } from "../helpers/golden.js";

await cpu.load();

type Quantized = Exclude<Method, "none">;

/** Two pixels' mean per channel → quantizer → linear layer with quantized weights. */
function network(method: Quantized, bits: number) {
  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  const [activation, weight] = [quantizers[method].activation, quantizers[method].weight];
  b.globalAveragePool("pool", b.input(1, 1, 4));
  b.quantize("quan", "pool", { method, bits, ...activation.options?.({}) });
  b.linear("fc", "quan", 2, { method, bits, ...weight.options?.({}) });
  return b.finish("test");
}

async function* batchesOf(...images: number[][]): AsyncGenerator<Batch> {
  for (const [index, own] of images.entries()) {
    const count = own.length / 4;
    const empty = { labels: new Int32Array(count), numbers: new Uint32Array(count) };
    yield { index, count, images: Float32Array.from(own), ...empty };
  }
}

interface Case {
  readonly method: Quantized;
  readonly bits?: number;
  readonly images: number[][];
  readonly values?: Record<string, number[]>;
  /** `[4, 2]`: the linear layer's weights. */
  readonly weights?: number[];
}

/** The analysis of one small network; the test fails if a tensor stays. */
async function analysisOf({ method, bits = 2, images, values = {}, weights }: Case) {
  const before = memory().numTensors;
  const graph = network(method, bits);
  const store = createStore(graph, 1);
  const set = (name: string, own: readonly number[], shape: number[] = [own.length]) =>
    replace(store, name, tensor([...own], shape) as Tensor);
  for (const [name, own] of Object.entries(values)) set(name, own);
  if (weights) set("fc.weight", weights, [4, 2]);
  const found = await analyze(graph, store, batchesOf(...images), "the hash", null);
  t.same(found.layers, layerCosts(graph));
  t.match(found, {
    format: 1,
    hash: "the hash",
    activations: [{ layer: "quan", method, bits, start: null }],
  });
  t.same(found.activations[0]!.end, (await curvesOf(graph, store)).quan);
  t.same(found.activations[0]!.end.levels, found.activations[0]!.levels);
  disposeStore(store);
  t.equal(memory().numTensors, before, "no tensor stays");
  const [own, ofWeights] = [found.activations[0]!, found.weights[0]!];
  t.equal(own.entropy, entropyBits(own.counts));
  t.equal(ofWeights.entropy, entropyBits(ofWeights.counts));
  return { images: found.images, activation: own, weight: ofWeights };
}

const close = (found: readonly number[], wanted: readonly number[]) => relativeError(found, wanted) < 1e-6;

t.test("activations are counted by level, over all batches", async (t) => {
  const images = [
    [0.1, 0.2, 0.3, 0.4, 0.9, 1, 2, -1],
    [0.7, 0.8, 0.1, 0.1],
  ];
  const { images: count, activation } = await analysisOf({ method: "dorefa", images });
  t.equal(count, 3);
  t.ok(close(activation.levels, [0, 1 / 3, 2 / 3, 1]));
  t.same(activation.counts, [4, 3, 2, 3]);
});

t.test("levels that are not uniform: each value counts for its own", async (t) => {
  const images = [[-1, 0.6, 1, 3, 0, 4, 2, 2.4]];
  const values = { "quan.act_alpha": [4] };
  const { activation } = await analysisOf({ method: "apot", images, values });
  t.same(activation.levels, [0, 1, 2, 4]);
  t.same(activation.counts, [2, 2, 3, 1], "3 is the midpoint of 2 and 4");
});

t.test("levels in descending order, one level, and equal levels", async (t) => {
  const images = [[-1, 0.5, 1.2, 0.2, 5, 6, 7, 1.9]];
  const n2uq = async (scale1: number, scale2: number) => {
    const values = { "quan.scale1": [scale1], "quan.scale2": [scale2] };
    return (await analysisOf({ method: "n2uq", images, values })).activation;
  };
  const usual = await n2uq(1, 1);
  t.ok(close(usual.levels, [0, 2 / 3, 4 / 3, 2]));
  t.same(usual.counts, [2, 1, 1, 4]);
  const negative = await n2uq(1, -1);
  t.ok(close(negative.levels, [0, -2 / 3, -4 / 3, -2]));
  t.same(negative.counts, [2, 1, 1, 4]);
  const constant = await n2uq(0, 1);
  t.same([constant.levels, constant.counts], [[0], [8]]);
  t.same((await n2uq(1, 0)).counts, [8, 0, 0, 0]);
});

t.test("weights are counted by level", async (t) => {
  const images = [[1, 1, 1, 1]];
  const weights = [-9, -1, -0.5, 0, 0.2, 0.5, 1, 9];
  const lsq = await analysisOf({ method: "lsq", images, values: { "fc.step": [0.5] }, weights });
  t.match(lsq.weight, { layer: "fc", method: "lsq", bits: 2, levels: [-1, -0.5, 0, 0.5] });
  t.same(lsq.weight.counts, [2, 1, 2, 3]);
  const one = await analysisOf({ method: "lsq", bits: 1, images, values: { "fc.step": [0.5] }, weights });
  t.same(
    [one.weight.levels, one.weight.counts],
    [
      [-0.5, 0],
      [3, 5],
    ],
  );
  // The second channel's weights are zero: its levels are all equal, and it is not counted.
  const empty = await analysisOf({ method: "n2uq", images, weights: [-8, 0, -1, 0, 1, 0, 8, 0] });
  t.ok(close(empty.weight.levels, [-1, -1 / 3, 1 / 3, 1]));
  t.same(empty.weight.counts, [1, 1, 1, 1]);
  // A channel's levels are in units of its own scale.
  const both = await analysisOf({ method: "n2uq", images, weights: [-8, 1, -1, 5, 1, -1, 8, -1] });
  t.same(both.weight.counts, [1 + 0, 1 + 2, 1 + 1, 1 + 1]);
});

t.test("the curve at the start is kept, and nothing is read without a quantizer", async (t) => {
  const graph = network("dorefa", 1);
  const store = createStore(graph, 1);
  const start = { quan: { thresholds: [7], levels: [1, 2] }, other: { thresholds: [], levels: [0] } };
  const found = await analyze(graph, store, batchesOf(), "h", start);
  t.same(found.activations[0]!.start, start.quan);
  t.same([found.images, found.activations[0]!.counts], [0, [0, 0]], "no batch");
  const lost = await analyze(graph, store, batchesOf(), "h", { other: start.other });
  t.equal(lost.activations[0]!.start, null);
  disposeStore(store);

  const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
  b.linear("fc", b.globalAveragePool("pool", b.input(1, 1, 4)), 2);
  const full = b.finish("full");
  const own = createStore(full, 1);
  const none = await analyze(full, own, batchesOf([1, 1, 1, 1]), "h", null);
  t.match(none, { images: 0, weights: { length: 0 }, activations: { length: 0 } });
  disposeStore(own);
});

t.test("entropy in bits", async (t) => {
  t.equal(entropyBits([]), 0);
  t.equal(entropyBits([0, 0]), 0);
  t.equal(entropyBits([5]), 0);
  t.equal(entropyBits([1, 1]), 1);
  t.equal(entropyBits([2, 0, 1, 1]), 1.5);
  t.equal(entropyBits([3, 3, 3, 3, 3, 3, 3, 3]), 3);
});
