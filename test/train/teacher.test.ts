import { dispose, memory, tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../../src/core/quantizers.js";
import { foldBatchNorm } from "../../src/graph/foldBatchNorm.js";
import { buildGraph } from "../../src/models/models.js";
import { forward } from "../../src/ops/execute.js";
import { normals, uniforms } from "../../src/random.js";
import { createStore, disposeStore, download, replace } from "../../src/train/store.js";
import { createTeacher } from "../../src/train/teacher.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";

const full = quantization({ method: "none" });
const cases = {
  "torchvision's ResNet-18": buildGraph(
    architecture("resnet", {
      depth: 18,
      layout: "torchvision",
      width: 0.25,
      inputSize: [32, 32],
      classes: 10,
    } as never),
    full,
    quantizers,
  ),
  MobileNetV2: buildGraph(
    architecture("mobilenet-v2", { width: 0.25, inputSize: [32, 32], classes: 10 }),
    full,
    quantizers,
  ),
};

onEveryEngine("a teacher with its BatchNorms folded gives the logits that it gave before", async (t) => {
  for (const [name, graph] of Object.entries(cases)) {
    const before = memory().numTensors;
    const store = createStore(graph, 1);
    for (const node of graph.nodes) {
      if (node.kind !== "batch-norm") continue;
      const channels = node.shape.at(-1)!;
      // Some variances are so small that epsilon counts.
      for (const [leaf, low, high] of [
        ["weight", 0.5, 1.5],
        ["bias", -0.5, 0.5],
        ["running_mean", -0.5, 0.5],
        ["running_var", 0.002, 1.5],
      ] as const) {
        replace(store, `${node.id}.${leaf}`, tensor(uniforms(channels, low, high, 1, `${node.id}.${leaf}`)));
      }
    }
    const images = tensor(normals(2 * 32 * 32 * 3, 1, 1, "images"), [2, 32, 32, 3]);
    const { logits: wanted } = forward(graph, store, images, { mode: "inference" });
    const teacher = createTeacher(graph, await download(graph, store));
    const found = teacher.logits(images);
    agrees(t, found, wanted.dataSync(), 1e-4, name);
    const left = foldBatchNorm(graph).graph.nodes.filter(({ kind }) => kind === "batch-norm");
    t.same(left, [], `${name}: no BatchNorm is left`);
    teacher.close();
    disposeStore(store);
    dispose([images, wanted, found]);
    t.equal(memory().numTensors, before, `${name}: nothing leaks`);
  }
});

onEveryEngine("a quantized convolution keeps its BatchNorm", async (t) => {
  const graph = buildGraph(
    architecture("resnet", { depth: 18, inputSize: [32, 32] }),
    quantization(),
    quantizers,
  );
  const { folds } = foldBatchNorm(graph);
  t.same(
    folds.map(({ conv }) => conv.id),
    ["conv1"],
  );
});
