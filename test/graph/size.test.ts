import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { constant } from "../../src/graph/nodes.js";
import { checkBatch, leastBytes, normalizesOneValue, SizeLimit } from "../../src/graph/size.js";
import type { GraphNode, TrainingGraph } from "../../src/graph/types.js";
import { buildGraph } from "../../src/models/models.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { faultOf } from "../helpers/failure.js";

const MOST = 2 ** 31 - 1;
const node = (id: string, shape: readonly number[], parameters: readonly number[][] = []): GraphNode => ({
  ...{ id, kind: "add", inputs: [], attrs: {}, shape, buffers: [] },
  params: parameters.map((own, i) => constant(`${id}.${i}`, own, "vector", 0)),
});
const graphOf = (...nodes: GraphNode[]) => ({ nodes }) as unknown as TrainingGraph;
const added = (...nodes: GraphNode[]) => {
  const limit = new SizeLimit();
  return faultOf(() => {
    for (const one of nodes) limit.add(one);
  });
};

t.test("a layer without channels is found by its stage", async (t) => {
  const code = "N2UQ_GRAPH_NO_CHANNELS";
  const path = (stage: number) => ["architecture", "stages", stage];
  t.match(added(node("layer1.0.conv1", [8, 8, 0])), { code, layer: "layer1.0.conv1", path: path(0) });
  t.match(added(node("layer12.3.conv1", [0])), { code, path: path(11) });
  for (const id of ["fc", "layer3", "a.layer3.0"])
    t.match(added(node(id, [0])), { code, path: ["architecture"] }, id);
  t.equal(added(node("a", [0, 8, 8])), null, "a size of zero is found elsewhere");
});

t.test("each limit of a network's size may be reached but not exceeded", async (t) => {
  const code = "N2UQ_GRAPH_TOO_LARGE";
  t.equal(added(node("a", [MOST])), null);
  const values = "values of one image's activations";
  t.match(added(node("a", [2, 2 ** 30])), { code, what: values, found: 2 ** 31, most: MOST, layer: "a" });

  t.equal(added(node("a", [1], [[MOST - 6], [2, 3]])), null);
  t.equal(added(node("a", [1], [[MOST - 6]]), node("b", [1], [[2, 3]])), null);
  t.match(added(node("a", [1], [[MOST - 6]]), node("b", [1], [[7]])), {
    ...{ code, what: "parameters", found: 2 ** 31, most: MOST, layer: "b", path: ["architecture"] },
  });

  const many = Array.from({ length: 20_000 }, (_, i) => node(`n${i}`, [1]));
  t.equal(added(...many), null);
  t.match(added(...many, node("more", [1])), {
    ...{ code, what: "operations", found: 20_001, most: 20_000, layer: "more" },
  });
});

t.test("a batch's largest activation, and the largest batch that fits", async (t) => {
  const graph = graphOf(node("small", [3]), node("large", [2 ** 10, 2 ** 10, 2 ** 4]));
  t.equal(
    faultOf(() => checkBatch(graph, 127)),
    null,
  );
  t.match(
    faultOf(() => checkBatch(graph, 128)),
    {
      ...{ code: "N2UQ_GRAPH_BATCH", layer: "large", shape: "1024×1024×16", batchSize: 128 },
      ...{ values: 2 ** 31, limit: MOST, most: 127, path: ["training", "batchSize"] },
    },
  );
  t.equal(
    faultOf(() => checkBatch(graphOf(node("exact", [MOST])), 1)),
    null,
  );
  t.match(
    faultOf(() => checkBatch(graphOf(node("exact", [MOST])), 2)),
    { most: 1 },
  );
  t.match(
    faultOf(() => checkBatch(graphOf(node("beyond", [2 ** 32])), 1)),
    { most: 1 },
    "one at least",
  );
});

t.test("the least memory: weights, gradients, moments, and the largest layer", async (t) => {
  const graph = graphOf(node("a", [4, 5], [[2, 3], [7]]), node("b", [30], [[1]]), node("c", [10]));
  t.same(leastBytes(graph, 6), { weights: 12 * (6 + 7 + 1), batch: 8 * 30 * 6 });
  t.same(leastBytes(graphOf(), 6), { weights: 0, batch: 0 });
});

t.test("a BatchNorm needs two values per channel", async (t) => {
  const stages = [{ block: "basic" as const, channels: 2, blocks: 1, stride: 2 }];
  const own = { stem: { kernel: 3, stride: 2, channels: 2 }, stages, classes: 3 };
  const of = (side: number) =>
    buildGraph(
      architecture("stages", { ...own, inputSize: [side, side] } as never),
      quantization({ method: "none" }),
      quantizers,
    );
  t.equal(normalizesOneValue(of(4), 1)?.id, "layer1.0.bn1", "the stem's has 2×2 values");
  t.equal(normalizesOneValue(of(4), 2), undefined);
  t.equal(normalizesOneValue(of(8), 1), undefined);
  t.equal(normalizesOneValue(of(2), 1)?.id, "bn1");
});
