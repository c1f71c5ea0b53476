import { memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { cpu } from "../../src/engines/cpu/engine.js";
import { divergence, findDivergence } from "../../src/train/diverged.js";
import { createStore, disposeStore, replace } from "../../src/train/store.js";
import { CLASSES, line } from "../helpers/lineLoop.js";

await cpu.load();

/** The fault of a network with these weights of its class 0, and this bias. */
function faultOf(t: Tap, { weight = [0, 0], bias = 0, pixel = [1, 2] }) {
  const before = memory().numTensors;
  const store = createStore(line, 0);
  const weights = new Float32Array(2 * CLASSES);
  [weights[0], weights[CLASSES]] = [weight[0]!, weight[1]!];
  replace(store, "fc.weight", tensor(weights, [2, CLASSES]));
  replace(store, "fc.bias", tensor(new Float32Array(CLASSES).fill(bias), [CLASSES]));
  const images = tensor(pixel, [1, 1, 1, 2]);
  const fault = findDivergence(line, store, images);
  images.dispose();
  disposeStore(store);
  t.equal(memory().numTensors, before, "nothing leaks");
  return fault;
}

type Tap = Pick<typeof t, "equal">;

t.test("the first tensor that is not finite, in the order of the network", async (t) => {
  const [nan, infinity] = [Number.NaN, Number.POSITIVE_INFINITY];
  t.match(faultOf(t, { bias: nan }), { layer: "fc.bias", where: "parameter" });
  t.match(faultOf(t, { weight: [0, infinity], bias: nan }), {
    ...{ layer: "fc.weight", where: "parameter", largest: infinity },
  });
  t.match(faultOf(t, { weight: [nan, 0] }), { layer: "fc.weight", where: "parameter" });
  t.match(faultOf(t, { pixel: [nan, 0], bias: nan }), { layer: "pool", where: "output" });
  t.match(faultOf(t, { weight: [1e38, 3e38] }), { layer: "fc", where: "output" }, "finite in, too much out");
});

t.test("where all are finite, the largest of all", async (t) => {
  t.same(faultOf(t, { pixel: [-9, 2] }), { layer: "pool", where: "output", largest: 9 });
  t.same(faultOf(t, { weight: [-64, 0] }), { layer: "fc.weight", where: "parameter", largest: 64 });
  t.same(faultOf(t, { weight: [-64, 0], bias: -1 }), { layer: "fc", where: "output", largest: 65 });
  t.same(faultOf(t, { pixel: [0.25, 0] }), { layer: "pool", where: "output", largest: 0.25 });
  t.same(
    faultOf(t, { pixel: [0, 0] }),
    { layer: "pool", where: "output", largest: 0 },
    "the first of equals",
  );
});

t.test("the error says what diverged", async (t) => {
  const output = { layer: "layer1.0", where: "output", largest: 123_456 } as const;
  t.match(divergence(54_321.5, 7, output, 100), {
    code: "N2UQ_TRAIN_EXPLODED",
    message: /5\.432e\+4.* step 7.* 100.* output of layer layer1\.0 .*1\.23e\+5/,
  });
  const parameter = { layer: "fc.weight", where: "parameter", largest: Number.NaN } as const;
  t.match(divergence(Number.NEGATIVE_INFINITY, 8, parameter, 100), {
    code: "N2UQ_TRAIN_NAN",
    message: /-Infinity at step 8.*parameter fc\.weight/,
  });
});
