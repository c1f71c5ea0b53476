import { tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { normalizesOneValue } from "../../src/graph/size.js";
import { buildGraph } from "../../src/models/models.js";
import { forward } from "../../src/ops/execute.js";
import { deadLines, deadWords } from "../../src/runs/deadLayers.js";
import type { Analysis, DeadLayer } from "../../src/runs/record.js";
import { constantLayers, deadLayersOf } from "../../src/train/deadLayers.js";
import { QuantizerWatch } from "../../src/train/quantizerWatch.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { architecture, quantization } from "../helpers/experiments.js";
import { failure } from "../helpers/failure.js";

await cpu.load();

const shape = { inputSize: [2, 2] as const, classes: 3, stem: { kernel: 3, stride: 2, channels: 2 } };
const stages = [{ block: "basic" as const, channels: 2, blocks: 1, stride: 1 }];
const graph = buildGraph(
  architecture("stages", { ...shape, stages } as never),
  quantization({ method: "lsq" }),
  quantizers,
);

t.test(
  "one image on a 1×1 feature map is one value: found in the graph, and an error in training",
  async (t) => {
    t.match(normalizesOneValue(graph, 1), { kind: "batch-norm" });
    t.equal(normalizesOneValue(graph, 2), undefined);
    const store = createStore(graph, 0);
    const images = tensor(new Float32Array(12), [1, 2, 2, 3]);
    const run = async () => forward(graph, store, images, { mode: "training" });
    t.match(await failure(run()), { code: "N2UQ_TRAIN_ONE_VALUE" });
    forward(graph, store, images, { mode: "inference" }).logits.dispose();
    images.dispose();
    disposeStore(store);
  },
);

t.test("a step at its bound is reported once and counted, also across restarts", async (t) => {
  const store = createStore(graph, 0);
  const quantizer = graph.nodes.find(({ kind }) => kind === "quantize")!.id;
  const set = (value: number) => replace(store, `${quantizer}.step`, tensor([value], [1]));
  const watch = new QuantizerWatch(graph, store);
  t.equal(await watch.look(1), null);
  set(-0.5);
  t.match(await watch.look(2), new RegExp(`dead layer: ${quantizer}.step is -0.500 after step 2`));
  t.equal(await watch.look(3), null, "once");
  set(0.5);
  const later = new QuantizerWatch(graph, store, watch.clamped);
  t.equal(await later.look(4), null);
  set(0);
  t.equal(await later.look(5), null, "nor again in another sitting");
  const [dead] = await later.layers();
  t.match(dead, { layer: quantizer, parameter: "step", steps: 3, firstStep: 2, atEnd: true, value: 0 });
  t.match(deadLines({ deadLayers: [dead!] }), [
    /step was not above 1e-8 for 3 steps from step 2 on, and at the end/,
  ]);
  disposeStore(store);
});

t.test("steps of weights are watched too, of convolutions and of linear layers", async (t) => {
  const all = buildGraph(
    architecture("stages", { ...shape, stages } as never),
    quantization({ method: "lsq", keep: [] }),
    quantizers,
  );
  const store = createStore(all, 0);
  const watch = new QuantizerWatch(all, store);
  t.equal(await watch.look(1), null);
  const layers = all.nodes.filter(({ kind }) => kind === "conv" || kind === "linear").map(({ id }) => id);
  t.ok(layers.includes("fc") && layers.length > 2);
  for (const id of layers) replace(store, `${id}.step`, tensor([-1], [1]));
  t.match(await watch.look(2), /, and \d+ more: /);
  t.same((await watch.layers()).map(({ layer }) => layer).sort(), layers.sort());
  disposeStore(store);
});

t.test("a layer of which one level comes out is dead, and listed once", async (t) => {
  const use = (layer: string, counts: number[]) =>
    ({ layer, method: "lsq", bits: 1, levels: [0, 1], counts, entropy: 0 }) as never;
  const activations = [use("a", [5, 0]), use("b", [2, 3]), use("c", [0, 0])];
  const analysis = { weights: [use("w", [0, 4])], activations } as unknown as Analysis;
  t.same(
    constantLayers(analysis).map(({ layer, value }) => [layer, value]),
    [
      ["a", 0],
      ["w", 1],
    ],
  );
  const known: DeadLayer = {
    ...{ layer: "a", parameter: "step", bound: 1e-8, steps: 1, firstStep: 1, atEnd: true, value: -1 },
  };
  t.equal(deadLayersOf([known], analysis).length, 2);
  t.equal(deadWords({ deadLayers: [known] }), "dead layer a");
  t.equal(deadWords({}), "", "a record of an older version");
});

t.test("a layer is constant only if it has other levels that it does not use", async (t) => {
  const use = (levels: number[], counts: number[]) => ({ layer: "a", levels, counts });
  const levelOf = (one: ReturnType<typeof use>) =>
    constantLayers({ weights: [], activations: [one] } as never).map(({ value }) => value);
  t.same(levelOf(use([3], [5])), [], "one level is all it has");
  t.same(levelOf(use([3, 4, 5], [0, 0, 5])), [5]);
  t.same(levelOf(use([3, 4, 5], [1, 0, 5])), []);
  t.same(constantLayers({ weights: [use([1, 2], [0, 1])], activations: [] } as never), [
    { layer: "a", parameter: null, bound: null, steps: 0, firstStep: null, atEnd: true, value: 2 },
  ]);
});

t.test("a layer that was clamped only for a while can still be constant at the end", async (t) => {
  const seen = { layer: "a", parameter: "step", bound: 0, steps: 1, firstStep: 1, value: 1 };
  const analysis = { weights: [], activations: [{ layer: "a", levels: [0, 1], counts: [4, 0] }] } as never;
  const names = (atEnd: boolean) =>
    deadLayersOf([{ ...seen, atEnd }], analysis).map(({ parameter }) => parameter);
  t.same(names(false), ["step", null]);
  t.same(names(true), ["step"]);
});
