import { tensor1d } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";

await engines.cpu.load();

const bits = 2;

/**
 * Inputs at the ends of each activation's range and just outside, and whether the gradient passes, by the papers' formulas:
 * DoReFa's, LSQ's and APoT's clip passes at both ends, PACT's at neither, LCQ's at 0 alone; LSQ+ at neither.
 */
const activations = [
  ["dorefa", {}, [-1e-6, 0, 0.5, 1, 1.000001], [0, 1, 1, 1, 0]],
  ["lsq", { step: 0.5 }, [-1e-6, 0, 0.75, 1.5, 1.500001], [0, 1, 1, 1, 0]],
  ["lsq-plus", { step: 0.5, offset: 0 }, [-1e-6, 0, 0.75, 1.5, 1.500001], [0, 0, 1, 0, 0]],
  ["pact", { clip_val: 2 }, [-1e-6, 0, 1, 2, 2.000001], [0, 0, 1, 0, 0]],
  ["apot", { act_alpha: 2 }, [-1e-6, 0, 1, 2, 2.000001], [0, 1, 1, 1, 0]],
  ["lcq", { alpha: 2 }, [-1e-6, 0, 1, 2, 2.000001], [0, 1, 1, 0, 0]],
] as const;

t.test("gradients of activations at the ends of the range", async (t) => {
  for (const [method, given, x, passes] of activations) {
    const { activation } = quantizers[method];
    const values: Readonly<Record<string, number>> = given;
    const held = Object.fromEntries(
      activation
        .parameters({ method, bits })
        .map(({ name, shape, initialValue }) => [
          name,
          tensor1d(Array.from({ length: shape[0] ?? 1 }, () => values[name] ?? initialValue)),
        ]),
    );
    const { saved } = activation.forward(tensor1d([...x]), held, { method, bits });
    const { dx } = activation.backward(tensor1d(x.map(() => 3)), saved, held, { method, bits });
    t.same(
      [...dx.dataSync()].map((v) => (v === 0 ? 0 : 1)),
      passes,
      method,
    );
  }
});

t.test("PACT's clipping value gets the gradient from itself on", async (t) => {
  const held = { clip_val: tensor1d([2]) };
  const options = { method: "pact", bits } as const;
  const { saved } = quantizers.pact.activation.forward(tensor1d([1.999, 2, 3]), held, options);
  const { gradients } = quantizers.pact.activation.backward(tensor1d([5, 7, 11]), saved, held, options);
  t.same([...gradients.clip_val!.dataSync()], [18]);
});

t.test("LSQ's weights are integers of two's complement times the step", async (t) => {
  for (const [bits, low, high] of [
    [1, -1, 0],
    [2, -2, 1],
    [3, -4, 3],
    [4, -8, 7],
    [5, -16, 15],
    [8, -128, 127],
  ] as const) {
    const [held, options] = [{ step: tensor1d([0.5]) }, { method: "lsq", bits } as const];
    const w = tensor1d([-1000, low / 2, low / 2 - 0.01, high / 2, high / 2 + 0.01, 1000]);
    const { y, saved } = quantizers.lsq.weight.forward(w, held, options);
    t.same(
      [...y.dataSync()],
      [low, low, low, high, high, high].map((level) => level / 2),
      `${bits} bits`,
    );
    const { levels } = quantizers.lsq.weight.levels(w, held, options);
    const all = Array.from({ length: high - low + 1 }, (_, i) => (low + i) / 2);
    t.same([...levels.dataSync()], all, `${bits} bits: levels`);
    const { dx } = quantizers.lsq.weight.backward(tensor1d([1, 1, 1, 1, 1, 1]), saved, held, options);
    t.same([...dx.dataSync()], [0, 1, 0, 1, 0, 0], `${bits} bits: gradient`);
  }
});
