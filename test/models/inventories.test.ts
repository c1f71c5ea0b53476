import { readFileSync } from "node:fs";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { layerCosts, totals } from "../../src/graph/cost.js";
import { buildGraph } from "../../src/models/models.js";
import { architecture, bits, quantization } from "../helpers/experiments.js";

type Inventory = Record<"parameters" | "buffers", Record<string, number[]>> & {
  trainable: number;
};
const golden: Record<string, Inventory> = JSON.parse(
  readFileSync(new URL("../fixtures/golden/model_inventories.json", import.meta.url), "utf8"),
);

const none = quantization({ method: "none" });
const networks = {
  "resnet18-2bit-downsample_quantized": [architecture("resnet", { depth: 18 }), quantization()],
  "resnet18-2bit-downsample_real": [
    architecture("resnet", { depth: 18 }),
    quantization({ downsample: false }),
  ],
  "resnet50-3bit-downsample_real": [
    architecture("resnet", { depth: 50 }),
    quantization({ bits: bits(3), downsample: false }),
  ],
  "mobilenetv2-4bit": [architecture("mobilenet-v2", {}), quantization({ bits: bits(4) })],
  "torchvision-resnet18": [architecture("resnet", { depth: 18, layout: "torchvision" }), none],
  "torchvision-resnet50": [architecture("resnet", { depth: 50, layout: "torchvision" }), none],
  "torchvision-resnet101": [architecture("resnet", { depth: 101, layout: "torchvision" }), none],
} as const;

t.same(
  Object.keys(networks).sort(),
  Object.keys(golden).sort(),
  "every network of the golden data is tested",
);

for (const [name, [arch, quant]] of Object.entries(networks)) {
  t.test(name, async (t) => {
    const graph = buildGraph(arch, quant, quantizers);
    const entries = (key: "params" | "buffers") =>
      graph.nodes.flatMap((node) => node[key].map(({ name, shape }) => [name, [...shape]] as const));
    const wanted = golden[name]!;
    t.same(entries("params"), Object.entries(wanted.parameters), "parameters: names, shapes and order");
    t.same(entries("buffers"), Object.entries(wanted.buffers), "buffers: names, shapes and order");
    t.equal(totals(layerCosts(graph)).trainableParameters, wanted.trainable);
  });
}
