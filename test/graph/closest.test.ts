import t from "tap";
import { closest } from "../../src/graph/closest.js";

const names = ["conv1", "layer1.0.conv1", "layer1.0.quan1.a", "layer2.0.conv1", "fc"];

t.test("the closest names come first, each once", async (t) => {
  t.same(closest("conv2", [...names, "conv1"], 2), ["conv1", "layer1.0.conv1"]);
  t.same(closest("layer2.0.conv", names, 1), ["layer2.0.conv1"]);
});

t.test("the end of a name counts as the name, after equal whole names", async (t) => {
  t.same(closest("quan1.a", names, 1), ["layer1.0.quan1.a"]);
  t.same(closest("conv1", ["layer1.0.conv1", "conv1"], 2), ["conv1", "layer1.0.conv1"]);
});

t.test("wildcards are left out", async (t) => {
  t.same(closest("layer[3].*.conv1", ["layer3.0.fc", "layer3..conv1"], 1), ["layer3..conv1"]);
});
