import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
import t from "tap";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import type { QuantizerOptions, QuantizerParameter } from "../../src/graph/quantizer.js";
import { agrees } from "../helpers/golden.js";

await cpu.load();

type Method = keyof typeof quantizers;
/** Name, size, initial value, bound, and whether data replaces the value. */
const shown = (parameters: readonly QuantizerParameter[]) =>
  parameters.map(({ name, shape, initialValue, bound, fromFirstBatch = false }) => [
    name,
    shape,
    initialValue,
    bound?.at ?? null,
    fromFirstBatch,
  ]);
const ofActivations = (method: Method, bits: number, more: object = {}) =>
  shown(quantizers[method].activation.parameters({ method, bits, ...more }));
const ofWeights = (method: Method, bits: number, more: QuantizerOptions = {}) =>
  shown(quantizers[method].weight.parameters({ method, bits, ...more }, 5));

t.test("the parameters of every quantizer", async (t) => {
  t.same(ofActivations("n2uq", 3), [
    ["start", [1], 0, null, false],
    ["a", [7], 2 / 7, 1e-3, false],
    ["scale1", [1], 1, 0, false],
    ["scale2", [1], 1, 0, false],
  ]);
  t.same(ofActivations("pact", 3), [["clip_val", [1], 10, 1e-6, false]]);
  t.same(ofActivations("pact", 3, { variant: "released" }), [["clip_val", [1], 2, 1e-6, false]]);
  t.same(ofActivations("lsq", 3), [["step", [1], 1, 1e-8, true]]);
  t.same(ofActivations("lsq-plus", 3), [
    ["step", [1], 1, 1e-8, true],
    ["offset", [1], 0, null, true],
  ]);
  t.same(ofActivations("apot", 3), [["act_alpha", [1], 6, 1e-6, false]]);
  t.same(ofActivations("lcq", 3), [
    ["alpha", [1], 6, 1e-6, false],
    ["theta", [16], 0, null, false],
  ]);
  t.same(ofActivations("lcq", 3, { intervals: 4 })[1], ["theta", [4], 0, null, false]);
  t.same(ofActivations("dorefa", 3), []);

  for (const kind of ["entropy", "weight-norm", "none"] as const)
    t.same(ofWeights("n2uq", 3, { regularizer: { kind, weight: 1 } }), [], kind);
  const learned = { regularizer: { kind: "learnable-scale", weight: 1 } } as const;
  t.same(ofWeights("n2uq", 3, learned), [["weight_scale", [5], 1, null, true]]);
  for (const method of ["pact", "dorefa"] as const) t.same(ofWeights(method, 3), []);
  for (const method of ["lsq", "lsq-plus"] as const)
    t.same(ofWeights(method, 3), [["step", [1], 1, 1e-8, true]]);
  t.same(ofWeights("apot", 3), [["weight_alpha", [1], 3, 1e-6, false]]);
  t.same(ofWeights("lcq", 1), [["alpha", [1], 3, 1e-6, false]]);
  for (const bits of [2, 3])
    t.same(ofWeights("lcq", bits, { intervals: 4 }), [
      ["alpha", [1], 3, 1e-6, false],
      ["theta", [4], 0, null, false],
    ]);
});

t.test("the options that take effect", async (t) => {
  const n2uq = (regularizer: QuantizerOptions["regularizer"]) =>
    quantizers.n2uq.weight.options?.({ ...(regularizer && { regularizer }) } as never);
  t.same(n2uq(undefined), { regularizer: { kind: "entropy", weight: 1 } });
  t.same(n2uq({ kind: "weight-norm", weight: 0.5 }), { regularizer: { kind: "weight-norm", weight: 0.5 } });
  t.same(n2uq({ kind: "entropy", weight: 0 }), { regularizer: { kind: "none", weight: 0 } });
  t.same(n2uq({ kind: "none", weight: 1 }), { regularizer: { kind: "none", weight: 0 } });
  const learned = { kind: "learnable-scale", weight: 0 } as const;
  t.same(n2uq(learned), { regularizer: learned }, "a learnable scale stays a parameter");
  for (const side of ["activation", "weight"] as const) {
    t.same(quantizers.lcq[side].options?.({}), { intervals: 16 });
    t.same(quantizers.lcq[side].options?.({ intervals: 8 }), { intervals: 8 });
  }
});

t.test("a parameter below its bound counts as its bound", async (t) => {
  const x = tensor1d([-1, 0, 2e-7, 4e-7, 1e-6, 1]);
  for (const [method, name, bound] of [
    ["pact", "clip_val", 1e-6],
    ["apot", "act_alpha", 1e-6],
    ["lcq", "alpha", 1e-6],
    ["lsq", "step", 1e-8],
  ] as const) {
    const { activation } = quantizers[method];
    const settings = { method, bits: 2 };
    const at = (value: number) => {
      const held = { [name]: tensor1d([value]), ...(method === "lcq" && { theta: tensor1d([0, 0]) }) };
      const { y, saved } = activation.forward(x, held, settings);
      const { dx, gradients } = activation.backward(tensor1d([1, 2, 3, 4, 5, 6]), saved, held, settings);
      const numbers = { [name]: [value], theta: [0, 0] };
      return [
        ...[y, dx, gradients[name]!].map((one) => [...one.dataSync()]),
        activation.curve(settings, numbers),
      ];
    };
    t.same(at(0), at(bound), `${method}: 0`);
    t.same(at(-3), at(bound), `${method}: negative`);
    t.notSame(at(2 * bound), at(bound), `${method}: above it`);
    t.ok(
      (at(bound)[0] as number[]).some((value) => value > 0),
      `${method}: not all zero`,
    );
  }
});

t.test("weights that are all equal, or nearly, give zeros and get no gradient", async (t) => {
  for (const method of ["apot", "lcq"] as const)
    for (const [spread, isAlive] of [
      [0, false],
      [4e-6, false],
      [4e-5, true],
    ] as const) {
      const w = tensor2d([1 - spread, 1 + spread, 1 - spread, 1 + spread], [4, 1]);
      const held = { weight_alpha: tensor1d([1]), alpha: tensor1d([1]), theta: tensor1d([0, 0]) };
      const settings = { method, bits: 2 };
      const { weight } = quantizers[method];
      const { y, saved } = weight.forward(w, held, settings);
      const { dx, gradients } = weight.backward(tensor2d([1, 2, 3, 5], [4, 1]), saved, held, settings);
      const all = [
        y,
        dx,
        weight.levels(w, held, settings).levels,
        gradients.weight_alpha ?? gradients.alpha!,
      ];
      for (const one of all)
        t.equal(
          one.dataSync().some((value: number) => value !== 0),
          isAlive,
          `${method}, spread ${spread}`,
        );
    }
});

t.test("levels of weights in ascending order", async (t) => {
  const w = tensor2d([1, -3, 2, 4], [2, 2]);
  const dorefa = (bits: number) => quantizers.dorefa.weight.levels(w, {}, { method: "dorefa", bits }).levels;
  agrees(t, dorefa(1), [-1, 1], 1e-6, "DoReFa, 1 bit");
  agrees(t, dorefa(2), [-1, -1 / 3, 1 / 3, 1], 1e-6, "DoReFa, 2 bits");
  const { levels, normalized } = quantizers.n2uq.weight.levels(w, {}, { method: "n2uq", bits: 2 });
  t.same(normalized, [-1, 2 / 3 - 1, 4 / 3 - 1, 1]);
  t.same(levels.shape, [4, 2], "a column per channel");
  // γ = 3/2, and mean|W| is 1.5 and 3.5.
  const scales = [2.25, 5.25];
  agrees(
    t,
    levels,
    normalized!.flatMap((level) => scales.map((scale) => level * scale)),
    1e-6,
    "N2UQ",
  );
});
