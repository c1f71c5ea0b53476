import { type Tensor, tensor, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
import t from "tap";
import { steps } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { normals } from "../../src/random.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";
import { activationOf } from "../helpers/quantizers.js";
import { clip, rounded } from "./byHand.js";

const EXACT = 1e-5;
const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

onEveryEngine("LSQ+ activations agree with the equations in float64", async (t) => {
  const [step, offset] = [Math.fround(0.37), Math.fround(-0.6)];
  for (const bits of [1, 2, 4]) {
    const [settings, N] = [{ method: "lsq-plus" as const, bits }, steps(bits)];
    const x = normals(480, 2, bits, "x");
    const dy = normals(480, 1, bits, "dy");
    const position = Array.from(x, (value) => (value - offset) / step);
    const inside = position.map((value) => (value > 0 && value < N ? 1 : 0));
    const code = position.map((value) => rounded(clip(value, 0, N)));
    const held = { step: tensor1d([step]), offset: tensor1d([offset]) };
    const { y, saved } = activationOf("lsq-plus").forward(tensor(x, [8, 60]), held, settings);
    agrees(
      t,
      y,
      code.map((value) => value * step + offset),
      EXACT,
      `${bits} bits: y`,
    );
    for (const world of [1, 3]) {
      const upstream = tensor(dy, [8, 60]);
      const { dx, gradients } = activationOf("lsq-plus").backward(upstream, saved, held, settings, world);
      const g = 1 / Math.sqrt(480 * world * N);
      const slopes = code.map((value, i) => dy[i]! * (value - inside[i]! * position[i]!));
      const outside = inside.map((open, i) => (1 - open) * dy[i]!);
      agrees(
        t,
        dx,
        inside.map((open, i) => open * dy[i]!),
        EXACT,
        `${bits} bits: dx`,
      );
      agrees(t, gradients.step!, [g * sumOf(slopes)], EXACT, `${bits} bits, ${world} ranks: ds`);
      agrees(t, gradients.offset!, [g * sumOf(outside)], EXACT, `${bits} bits, ${world} ranks: dβ`);
    }
  }
});

t.test("LSQ's factor counts the values of all ranks", async (t) => {
  await cpu.load();
  const [held, settings] = [{ step: tensor1d([0.5]) }, { method: "lsq" as const, bits: 2 }];
  const { activation } = quantizers.lsq;
  const { saved } = activation.forward(tensor1d([0.3, 5]), held, settings);
  const dStep = (world?: number) =>
    activation.backward(tensor1d([1, 1]), saved, held, settings, world).gradients.step!;
  // 0.3/0.5 rounds up by 0.4; 5 is above the three steps.
  agrees(t, dStep(), [3.4 / Math.sqrt(2 * 3)], 1e-6, "one process");
  agrees(t, dStep(4), [3.4 / Math.sqrt(8 * 3)], 1e-6, "four ranks");
});

const initial = (values: Tensor, bits: number) => {
  const { step, offset } = quantizers["lsq-plus"].activation.initialize!(values, {
    method: "lsq-plus",
    bits,
  });
  return [step!, offset!].map((one) => one.dataSync()[0]!) as [number, number];
};

t.test("the initial step and offset reproduce values that lie on a line of levels", async (t) => {
  await cpu.load();
  for (const bits of [1, 2, 3, 4]) {
    const codes = Array.from({ length: 4 * 2 ** bits }, (_, i) => i % 2 ** bits);
    const found = initial(tensor1d(codes.map((code) => 0.3 * code - 0.7)), bits);
    agrees(t, found, [0.3, -0.7], 1e-6, `${bits} bits`);
  }
  agrees(t, initial(tensor1d([2.5, 2.5]), 2), [1e-8, 2.5], 1e-6, "equal values: their value is the offset");
});

t.test("the initial step and offset have the least error", async (t) => {
  await cpu.load();
  for (const [bits, relu, outlier] of [
    [1, false, 0],
    [2, true, 0],
    [2, false, 40],
    [3, true, 40],
    [4, false, 0],
  ] as const) {
    const values = Array.from(normals(400, 1, bits, "first batch"), (v) => (relu ? Math.max(0, v) : v));
    values[0] = outlier || values[0]!;
    const errorOf = (step: number, offset: number) =>
      sumOf(
        values.map((v) => (step * clip(Math.round((v - offset) / step), 0, steps(bits)) + offset - v) ** 2),
      );
    const [step, offset] = initial(tensor1d(values), bits);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 1; i <= 60; i++)
      for (let j = 0; j <= 40; j++) {
        const [s, reach] = [(i * 8) / (100 * steps(bits)), -3 + j / 10];
        least = Math.min(least, errorOf(s, reach));
      }
    const found = errorOf(step, offset);
    t.ok(found <= 1.001 * least, `${bits} bits: ${found}, not above ${least} of a search on a grid`);
  }
});

t.test("the start values and rounds of the search", async (t) => {
  await cpu.load();
  // A change of the search moves these numbers, and with them every run of LSQ+.
  const values = tensor1d(normals(3000, 1, 1, "pinned"));
  agrees(t, initial(values, 4), [0.33022764, -2.4573659], 1e-6, "4 bits");
  agrees(t, initial(values, 8), [0.025466552, -3.2069885], 1e-6, "8 bits");
});

t.test("more than 2^16 values are sampled by the golden ratio", async (t) => {
  await cpu.load();
  const [ratio, most] = [(Math.sqrt(5) - 1) / 2, 2 ** 16];
  const takenOf = (size: number) =>
    new Set(Array.from({ length: most }, (_, i) => Math.floor(((i * ratio) % 1) * size)));
  const firstOf = (size: number, isTaken: boolean) => {
    const taken = takenOf(size);
    return Array.from({ length: size }, (_, i) => i).findLastIndex((i) => taken.has(i) === isTaken);
  };
  const spike = (size: number, at: number) => {
    const values = new Float32Array(size);
    values[at] = 1;
    return initial(tensor1d(values), 1);
  };
  agrees(t, spike(most, firstOf(most, false)), [1, 0], 1e-6, "2^16 values are all read");
  const size = most + 5000;
  agrees(t, spike(size, firstOf(size, true)), [1, 0], 1e-6, "a sampled value counts");
  agrees(t, spike(size, firstOf(size, false)), [1e-8, 0], 1e-6, "the others do not");
});

t.test("the initial step of weights covers three standard deviations", async (t) => {
  await cpu.load();
  for (const [values, reach] of [
    [[1, 3], 2 + 3],
    [[-1, -3], 2 + 3],
  ] as const)
    for (const bits of [1, 2, 4]) {
      const w = tensor2d([...values, ...values], [2, 2]);
      const { step } = quantizers["lsq-plus"].weight.initialize!(w, { method: "lsq-plus", bits });
      t.same(step!.shape, [1]);
      agrees(t, step!, [reach / 2 ** (bits - 1)], 1e-6, `${bits} bits`);
    }
});
