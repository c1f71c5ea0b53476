import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { layerCosts, totals } from "../../src/graph/cost.js";
import { buildGraph } from "../../src/models/models.js";
import { architecture, quantization } from "../helpers/experiments.js";

const small = architecture("stages", {
  layout: "n2uq",
  classes: 10,
  inputSize: [8, 8],
  stem: { kernel: 3, stride: 1, channels: 4, pool: false },
  stages: [{ block: "basic", channels: 6, blocks: 1, stride: 2, expansion: 1 }],
} as never);
const costsOf = (rest: object) => {
  const settings = quantization({ method: "lsq", bits: { weights: 3, activations: 5 }, ...rest });
  return layerCosts(buildGraph(small, settings, quantizers));
};
/** A layer's MACs, bits of weights and of activations, BitOPs, parameters and packed bytes. */
const of = (costs: ReturnType<typeof costsOf>, id: string) => {
  const cost = costs.find((one) => one.id === id)!;
  return [cost.macs, cost.weightBits, cost.activationBits, cost.bitOps, cost.parameters, cost.packedBytes];
};

t.test("the costs of layers, counted by hand", async (t) => {
  const costs = costsOf({});
  const stem = 8 * 8 * 4 * 9 * 3;
  t.same(of(costs, "conv1"), [stem, 32, 32, stem * 32 * 32, 108, 108 * 4]);
  // 216 weights of 3 bits, and a step size in float32.
  const first = 4 * 4 * 6 * 9 * 4;
  t.same(of(costs, "layer1.0.conv1"), [first, 3, 5, first * 3 * 5, 216 + 1, 81 + 4]);
  // 24 weights of 3 bits are 9 bytes.
  const shortcut = 4 * 4 * 6 * 4;
  t.same(of(costs, "layer1.0.downsample.1"), [shortcut, 3, 5, shortcut * 15, 24 + 1, 9 + 4]);
  t.same(of(costs, "fc"), [60, 32, 32, 60 * 32 * 32, 70, 280]);
  // Scale, shift, and two statistics that are no parameters.
  t.same(of(costs, "bn1"), [0, null, null, 0, 8, 8 * 4 + 8 * 4]);
  t.same(of(costs, "layer1.0.quan1"), [0, null, 5, 0, 1, 4]);
});

t.test("a quantized stem reads images of 8 bits", async (t) => {
  const stem = 8 * 8 * 4 * 9 * 3;
  const costs = costsOf({ layers: [{ match: "conv1", keep: false }] });
  t.same(of(costs, "conv1"), [stem, 3, 8, stem * 3 * 8, 108 + 1, 41 + 4]);
});

t.test("each layer has its method, kind and shape", async (t) => {
  const found = new Map(
    costsOf({}).map(({ id, kind, method, outputShape }) => [id, [kind, method, outputShape]]),
  );
  t.same(found.get("conv1"), ["conv", "none", [8, 8, 4]]);
  t.same(found.get("bn1"), ["batch-norm", "none", [8, 8, 4]]);
  t.same(found.get("layer1.0.quan1"), ["quantize", "lsq", [8, 8, 4]]);
  t.same(found.get("layer1.0.conv1"), ["conv", "lsq", [4, 4, 6]]);
  t.same(found.get("fc"), ["linear", "none", [10]]);
  const all = costsOf({ keep: [] });
  t.same(of(all, "fc").slice(0, 4), [60, 3, 5, 60 * 15], "a quantized linear layer");
  t.equal(all.find(({ id }) => id === "fc")!.method, "lsq");
});

t.test("totals are sums over the layers", async (t) => {
  const costs = costsOf({});
  const found = totals(costs);
  for (const key of ["parameters", "macs", "bitOps", "packedBytes"] as const)
    t.equal(
      found[key],
      costs.map((one) => one[key]).reduce((a, b) => a + b, 0),
      key,
    );
  t.equal(found.parameters, 108 + 8 + 217 + 325 + 25 + 3 * 12 + 3 + 3 * 4 + 6 * 6 + 70);
  t.equal(found.trainableParameters, found.parameters);
});
