import t from "tap";
import { describeGroups, groupParameters } from "../../src/graph/groups.js";
import { constant } from "../../src/graph/nodes.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import type { ResolvedOptimizer } from "../../src/resolve/types.js";

const names = ["conv.weight", "conv.bias", "fc.weight", "fc.bias"];
const graph = {
  nodes: ["conv", "fc"].map((id) => ({
    params: names.filter((name) => name.startsWith(id)).map((name) => constant(name, [1], "vector", 0)),
  })),
} as unknown as TrainingGraph;
const optimizer = (groups: ResolvedOptimizer["groups"]): ResolvedOptimizer => ({
  ...{ kind: "sgd", lr: 0.5, weightDecay: 0.25, momentum: 0, nesterov: false, groups },
});
const described = (groups: ResolvedOptimizer["groups"]) => {
  const { text, idle } = describeGroups(graph, optimizer(groups));
  return { lines: text.split("\n").filter((line) => line !== ""), idle };
};

t.test("only parameters whose settings differ from the optimizer's are described", async (t) => {
  t.same(described([]), { lines: [], idle: [] });
  t.same(described([{ match: ["**"], lrScale: 1 }]).lines, []);
  t.same(described([{ match: ["**"], lrScale: 1, weightDecay: 0.25 }]).lines, []);
  t.same(described([{ match: ["fc.*"], lrScale: 2 }]).lines, ['["fc.weight",2,0.25]', '["fc.bias",2,0.25]']);
  t.same(described([{ match: ["*.bias"], lrScale: 1, weightDecay: 0 }]).lines, [
    '["conv.bias",1,0]',
    '["fc.bias",1,0]',
  ]);
});

t.test("the first group that matches takes a parameter; a glob that takes none is idle", async (t) => {
  const found = described([
    { match: ["fc.*", "fc.bias"], lrScale: 2 },
    { match: ["*.bias", "fc.weight", "fc.biax"], lrScale: 3 },
  ]);
  t.same(found.lines, ['["conv.bias",3,0.25]', '["fc.weight",2,0.25]', '["fc.bias",2,0.25]']);
  t.same(found.idle, [
    { group: 1, glob: 1, match: "fc.weight", close: [] },
    { group: 1, glob: 2, match: "fc.biax", close: ["fc.bias", "conv.bias", "fc.weight", "conv.weight"] },
  ]);
});

t.test("groups have their own learning rate and weight decay, and the rest the optimizer's", async (t) => {
  const groups = groupParameters(
    graph,
    optimizer([
      { match: ["fc.bias", "x"], lrScale: 0.1 },
      { match: ["y"], lrScale: 5 },
      { match: ["*.bias"], lrScale: 1, weightDecay: 0 },
    ]),
  );
  t.same(groups, [
    { lr: 0.05, weightDecay: 0.25, tensors: ["fc.bias"] },
    { lr: 0.5, weightDecay: 0, tensors: ["conv.bias"] },
    { lr: 0.5, weightDecay: 0.25, tensors: ["conv.weight", "fc.weight"] },
  ]);
});
