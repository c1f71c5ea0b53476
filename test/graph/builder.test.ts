import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { foldBatchNorm } from "../../src/graph/foldBatchNorm.js";
import { lastOf, outputSizes, quantizerSpecs } from "../../src/graph/nodes.js";
import type { GraphNode } from "../../src/graph/types.js";
import { quantization } from "../helpers/experiments.js";

const builder = () => new GraphBuilder(quantization({ method: "lsq" }), quantizers);
const lsq = { method: "lsq", bits: 3 } as const;
const nodeOf = (b: GraphBuilder, id: string) =>
  b.finish("test").nodes.find((node): node is GraphNode => node.id === id)!;

t.test("shapes of convolutions and poolings", async (t) => {
  t.same(outputSizes([7, 8], 3, 2, 1), [4, 4]);
  t.same(outputSizes([7, 8], 3, 2, 0), [3, 3]);
  t.same(outputSizes([5], 2, 1, 0), [4]);
  t.equal(lastOf([3, 4]), 4);
  t.throws(() => lastOf([]), { code: "N2UQ_INTERNAL" });

  const b = builder();
  const input = b.input(7, 9, 3);
  t.same(b.shape(b.conv("same", input, { channels: 6, kernel: 3 })), [7, 9, 6], "half the kernel is padded");
  t.same(b.shape(b.conv("even", input, { channels: 6, kernel: 4 })), [8, 10, 6]);
  t.same(b.shape(b.conv("strided", input, { channels: 6, kernel: 5, stride: 2, padding: 0 })), [2, 3, 6]);
  t.same(b.shape(b.maxPool("pool", input, 3, 2, 1)), [4, 5, 3]);
  t.same(b.shape(b.globalAveragePool("average", input)), [3]);
  t.same(b.shape(b.flatten("flat", input)), [7 * 9 * 3]);
  t.same(b.shape(b.linear("fc", "flat", 4)), [4]);
  for (const add of [b.relu("relu", "same"), b.prelu("prelu", "same"), b.bias("bias", "same")])
    t.same(b.shape(b.add(`${add}+`, add, "same")), [7, 9, 6]);
});

t.test("attributes and parameters", async (t) => {
  const b = builder();
  b.input(7, 9, 3);
  b.conv("conv", "input", { channels: 6, kernel: 3, stride: 2, fullPrecisionName: "old" });
  t.match(nodeOf(b, "conv"), {
    inputs: ["input"],
    attrs: { inChannels: 3, outChannels: 6, kernel: 3, stride: 2, padding: 1, depthwise: false },
    params: [
      {
        ...{ name: "conv.weight", shape: [6, 3, 3, 3], layout: "conv", fullPrecisionName: "old.weight" },
        init: { kind: "kaiming-normal", fan: 6 * 3 * 3 },
      },
    ],
  });
  t.equal("quant" in nodeOf(b, "conv").attrs, false);
  b.conv("deep", "conv", { channels: 6, kernel: 3, depthwise: true, quant: lsq });
  t.match(nodeOf(b, "deep"), {
    attrs: { depthwise: true, stride: 1, quant: lsq },
    params: [{ shape: [6, 1, 3, 3], layout: "depthwise" }, { name: "deep.step" }],
  });
  t.equal("fullPrecisionName" in nodeOf(b, "deep").params[0]!, false);
  b.batchNorm("bn", "conv", "old.bn");
  t.match(nodeOf(b, "bn"), {
    attrs: { epsilon: 1e-5, momentum: 0.1 },
    params: [
      {
        name: "bn.weight",
        shape: [6],
        init: { kind: "constant", value: 1 },
        fullPrecisionName: "old.bn.weight",
      },
      { name: "bn.bias", shape: [6], init: { kind: "constant", value: 0 }, fullPrecisionName: "old.bn.bias" },
    ],
    buffers: [
      { name: "bn.running_mean", shape: [6], initialValue: 0, fullPrecisionName: "old.bn.running_mean" },
      { name: "bn.running_var", shape: [6], initialValue: 1 },
      { name: "bn.num_batches_tracked", shape: [], initialValue: 0 },
    ],
  });
  b.batchNorm("plain", "conv");
  t.equal("fullPrecisionName" in nodeOf(b, "plain").params[0]!, false);
  b.relu("relu", "conv");
  b.relu("relu6", "conv", 6);
  t.same([nodeOf(b, "relu").attrs, nodeOf(b, "relu6").attrs], [{}, { max: 6 }]);
  b.prelu("prelu", "conv");
  t.match(nodeOf(b, "prelu").params, [{ shape: [6], init: { kind: "constant", value: 0.25 } }]);
  b.bias("bias", "conv");
  t.match(nodeOf(b, "bias").params, [
    { name: "bias.bias", shape: [1, 6, 1, 1], layout: "channel", init: { kind: "constant", value: 0 } },
  ]);
  b.quantize("quan", "conv", lsq);
  t.match(nodeOf(b, "quan"), { attrs: lsq, params: [{ name: "quan.step", init: { value: 1 } }] });
  b.globalAveragePool("average", "conv");
  b.linear("fc", "average", 5, lsq);
  const init = { kind: "uniform", bound: 1 / Math.sqrt(6) };
  t.match(nodeOf(b, "fc"), {
    attrs: { inFeatures: 6, outFeatures: 5, quant: lsq },
    params: [
      { name: "fc.weight", shape: [5, 6], layout: "linear", init },
      { name: "fc.bias", shape: [5], init },
      { name: "fc.step" },
    ],
  });
  b.linear("last", "fc", 2);
  t.equal("quant" in nodeOf(b, "last").attrs, false);
  const graph = b.finish("named");
  t.match(graph, { name: "named", input: [7, 9, 3], classes: 2 });
  t.ok([graph, graph.nodes, graph.nodes[1], graph.decisions].every(Object.isFrozen));
});

t.test("only parameters from data are marked", async (t) => {
  const [one, two] = quantizerSpecs("q", [
    { name: "step", shape: [1], initialValue: 3, fromFirstBatch: true },
    { name: "a", shape: [2], initialValue: 4, fromFirstBatch: false },
  ]);
  const init = (value: number) => ({ kind: "constant", value });
  t.strictSame(one, { name: "q.step", shape: [1], layout: "vector", init: init(3), fromFirstBatch: true });
  t.strictSame(two, { name: "q.a", shape: [2], layout: "vector", init: init(4) });
});

t.test("a faulty graph is rejected", async (t) => {
  const b = builder();
  t.throws(() => b.finish("empty"), { code: "N2UQ_INTERNAL", message: /empty graph/ });
  b.input(1, 4, 2);
  t.throws(() => b.input(1, 4, 2), { code: "N2UQ_INTERNAL", message: /two nodes named input/ });
  t.throws(() => b.shape("other"), { code: "N2UQ_INTERNAL", message: /no node other/ });
  b.conv("conv", "input", { channels: 3, kernel: 1 });
  t.throws(() => b.add("sum", "input", "conv"), { code: "N2UQ_INTERNAL", message: /input and conv differ/ });
  b.flatten("flat", "input");
  t.throws(() => b.conv("late", "flat", { channels: 1, kernel: 1 }), {
    ...{ code: "N2UQ_INTERNAL", message: /late wants \[height, width, channels\]/ },
  });
  for (const [height, width] of [
    [0, 4],
    [4, 0],
  ] as const) {
    const small = builder();
    small.input(height, width, 2);
    t.throws(() => small.globalAveragePool("average", "input"), {
      ...{ code: "N2UQ_GRAPH_TOO_SMALL", details: { layer: "average" } },
    });
  }
});

t.test("decisions are announced, made and stored", async (t) => {
  const seen: string[] = [];
  const b = new GraphBuilder(quantization({ method: "lsq" }), quantizers, ({ id }) => seen.push(id));
  const decision = b.decide({ id: "conv1", names: ["conv1"], role: "body" });
  t.match(decision, { from: "quantization", weight: { method: "lsq", bits: 2 } });
  b.input(2, 2, 1);
  b.record("conv1", decision);
  t.same(seen, ["conv1"]);
  t.equal(b.finish("test").decisions.conv1, decision);
});

t.test("a BatchNorm is folded into the full-precision convolution whose only user it is", async (t) => {
  const b = builder();
  b.input(4, 4, 2);
  const convBn = (id: string, from: string, quant?: typeof lsq) =>
    b.batchNorm(`${id}.bn`, b.conv(id, from, { channels: 2, kernel: 1, ...(quant && { quant }) }));
  convBn("plain", "input");
  convBn("quantized", "plain.bn", lsq);
  convBn("shared", "quantized.bn");
  b.batchNorm("again", "shared");
  b.batchNorm("alone", b.relu("relu", "again"));
  const graph = b.finish("test");
  const { graph: folded, folds } = foldBatchNorm(graph);
  t.same(
    folds.map(({ conv, norm }) => [conv.id, norm.id]),
    [["plain", "plain.bn"]],
  );
  t.same(
    folded.nodes.map(({ id, kind }) => [id, kind]),
    graph.nodes.map(({ id, kind }) => [id, id === "plain.bn" ? "bias" : kind]),
  );
  const bias = folded.nodes.find(({ id }) => id === "plain.bn")!;
  t.match(bias, { inputs: ["plain"], attrs: {}, shape: [4, 4, 2], buffers: [] });
  t.same(
    bias.params.map(({ name }) => name),
    ["plain.bn.bias"],
  );
});
