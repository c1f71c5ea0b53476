import { tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import { QuantizerWatch } from "../../src/train/quantizerWatch.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { quantization } from "../helpers/experiments.js";

await cpu.load();

const b = new GraphBuilder(quantization({ method: "none" }), quantizers);
b.quantize("quan", b.globalAveragePool("pool", b.input(1, 1, 2)), { method: "n2uq", bits: 2 });
b.linear("fc", "quan", 2, { method: "lsq", bits: 2 });
b.linear("plain", "fc", 2);
const graph = b.finish("test");
/** The float32 number nearest to 0.001, which is above it, and the next one. */
const bound = Math.fround(1e-3);
const after = Math.fround(bound + 2 ** -33);

t.test("a parameter at its bound is clamped, one above it is not", async (t) => {
  const store = createStore(graph, 1);
  const watch = new QuantizerWatch(graph, store);
  const set = (name: string, ...values: number[]) => replace(store, name, tensor(values, [values.length]));
  t.equal(await watch.look(1), null);
  t.same([watch.clamped, await watch.layers()], [{}, []]);
  set("quan.scale2", 1e-30);
  set("quan.a", -1, after, 0);
  set("quan.start", -5);
  t.equal(await watch.look(2), null, "one interval is long enough; a start has no bound");
  set("quan.scale1", 0);
  set("fc.step", -2);
  t.equal(
    await watch.look(3),
    `dead layer: quan.scale1 is 0.00 after step 3, not above 0, and 1 more: ${[
      "the quantizer's output has one level, or its levels in reverse order. Lower its learning rate",
      "(training.optimizer.groups); result.json counts such steps.",
    ].join(" ")}`,
  );
  set("quan.a", -1, bound, 0);
  t.equal(await watch.look(4), null, "one warning per run");
  set("fc.step", 1);
  await watch.look(5);
  t.same(watch.clamped, {
    "quan.scale1": { steps: 3, firstStep: 3 },
    "fc.step": { steps: 2, firstStep: 3 },
    "quan.a": { steps: 2, firstStep: 4 },
  });
  const of = (layer: string, parameter: string, at: number) => ({ layer, parameter, bound: at });
  t.same(await watch.layers(), [
    { ...of("quan", "a", 1e-3), steps: 2, firstStep: 4, atEnd: true, value: bound },
    { ...of("quan", "scale1", 0), steps: 3, firstStep: 3, atEnd: true, value: 0 },
    { ...of("fc", "step", 1e-8), steps: 2, firstStep: 3, atEnd: false, value: 1 },
  ]);
  disposeStore(store);
});

t.test("one clamped parameter is named alone", async (t) => {
  const store = createStore(graph, 1);
  replace(store, "fc.step", tensor([-0.25], [1]));
  const message = await new QuantizerWatch(graph, store).look(9);
  t.match(message, /^dead layer: fc\.step is -0\.250 after step 9, not above 1e-8: the quantizer's output/);
  disposeStore(store);
});

t.test("a network without quantizers is not watched", async (t) => {
  const none = new GraphBuilder(quantization({ method: "none" }), quantizers);
  none.linear("fc", none.globalAveragePool("pool", none.input(1, 1, 2)), 2);
  const full = none.finish("full");
  const watch = new QuantizerWatch(full, createStore(full, 1));
  t.same([await watch.look(1), watch.clamped, await watch.layers()], [null, {}, []]);
});
