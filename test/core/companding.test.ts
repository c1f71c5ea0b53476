import { tensor, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
import { steps } from "../../src/core/quantizer.js";
import { normals } from "../../src/random.js";
import { agrees, onEveryEngine } from "../helpers/golden.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";
import { activationByHand, additive, clearOf, companded, type Unit, weightByHand } from "./companding.js";

const EXACT = 2e-5;
const power = (exponent: number) => 2 ** exponent;

/** APoT's sets of terms by bits, written out from the paper's definition. */
const sets: Readonly<Record<number, readonly (readonly number[])[]>> = {
  1: [[0, 1]],
  2: [[0, 1, 1 / 2, 1 / 4]],
  3: [
    [0, 1, 1 / 2, 1 / 8],
    [0, 1 / 4],
  ],
  4: [
    [0, 1, 1 / 4, 1 / 16],
    [0, 1 / 2, 1 / 8, 1 / 32],
  ],
  5: [
    [0, 1, 1 / 4, 1 / 32],
    [0, 1 / 2, 1 / 8, 1 / 64],
    [0, 1 / 16],
  ],
  8: [0, 1, 2, 3].map((i) => [0, power(-i), power(-(i + 4)), power(-(i + 8))]),
};
const signOnly: Unit = { levels: [1], thresholds: [] };
/** One of a weight's bits is its sign. */
const apotWeight = (bits: number) => (bits === 1 ? signOnly : additive(sets[bits - 1]!));

const theta = Array.from(normals(16, 0.7, 1, "theta"));
const shape = [8, 5, 3, 4];
const count = 480;

onEveryEngine("APoT agrees with its equations in float64", async (t) => {
  const alpha = Math.fround(1.7);
  for (const bits of [1, 2, 3, 4, 5, 8]) {
    const [settings, unit] = [{ method: "apot" as const, bits }, additive(sets[bits]!)];
    t.equal(unit.levels.length, 2 ** bits);
    const x = clearOf(normals(count, 1.2, bits, "x"), unit, alpha);
    const dy = normals(count, 1, bits, "dy");
    const held = { act_alpha: tensor1d([alpha]) };
    const { y, saved } = activationOf("apot").forward(tensor(x, shape), held, settings);
    const { dx, gradients } = activationOf("apot").backward(tensor(dy, shape), saved, held, settings);
    const wanted = activationByHand(x, dy, alpha, unit);
    agrees(t, y, wanted.y, EXACT, `${bits} bits: y`);
    agrees(t, dx, wanted.dx, EXACT, `${bits} bits: dx`);
    agrees(t, gradients.act_alpha!, wanted.alpha, EXACT, `${bits} bits: dα`);
  }
  for (const bits of [1, 2, 3, 4, 5, 6]) {
    const [settings, unit] = [{ method: "apot" as const, bits }, apotWeight(bits)];
    const w = normals(120, 0.3, bits, "w").map((value) => value + 0.05);
    const dq = normals(120, 1, bits, "dq");
    const held = { weight_alpha: tensor1d([alpha]) };
    const { y, saved } = weightOf("apot").forward(tensor2d(w, [30, 4]), held, settings);
    const { dx, gradients } = weightOf("apot").backward(tensor2d(dq, [30, 4]), saved, held, settings);
    const wanted = weightByHand(w, dq, alpha, unit, false);
    agrees(t, y, wanted.y, EXACT, `${bits} bits: Q`);
    agrees(t, dx, wanted.dx, EXACT, `${bits} bits: dw`);
    agrees(t, gradients.weight_alpha!, wanted.alpha, EXACT, `${bits} bits: dα of weights`);
    const magnitudes = unit.levels.map((level) => alpha * level);
    const { levels } = weightOf("apot").levels(tensor2d(w, [30, 4]), held, settings);
    agrees(t, levels, withNegatives(magnitudes), EXACT, `${bits} bits: levels`);
  }
});

onEveryEngine("LCQ agrees with its equations in float64", async (t) => {
  const alpha = Math.fround(1.7);
  const held = { alpha: tensor1d([alpha]), theta: tensor1d(theta) };
  for (const bits of [1, 2, 3, 4, 6]) {
    const settings = { method: "lcq" as const, bits };
    const unit = companded(theta, steps(bits));
    const x = clearOf(normals(count, 1.2, bits, "x"), unit, alpha);
    const dy = normals(count, 1, bits, "dy");
    const { y, saved } = activationOf("lcq").forward(tensor(x, shape), held, settings);
    const { dx, gradients } = activationOf("lcq").backward(tensor(dy, shape), saved, held, settings);
    const wanted = activationByHand(x, dy, alpha, unit);
    agrees(t, y, wanted.y, EXACT, `${bits} bits: y`);
    agrees(t, dx, wanted.dx, EXACT, `${bits} bits: dx`);
    agrees(t, gradients.alpha!, wanted.alpha, EXACT, `${bits} bits: dα`);
    agrees(t, gradients.theta!, wanted.theta!, 5 * EXACT, `${bits} bits: dθ`);
  }
  for (const bits of [1, 2, 3, 4, 6]) {
    const settings = { method: "lcq" as const, bits };
    const unit = bits === 1 ? signOnly : companded(theta, steps(bits - 1));
    const w = normals(120, 0.3, bits, "w").map((value) => value + 0.05);
    const dq = normals(120, 1, bits, "dq");
    const { y, saved } = weightOf("lcq").forward(tensor2d(w, [30, 4]), held, settings);
    const { dx, gradients } = weightOf("lcq").backward(tensor2d(dq, [30, 4]), saved, held, settings);
    const wanted = weightByHand(w, dq, alpha, unit, true);
    agrees(t, y, wanted.y, EXACT, `${bits} bits: Q`);
    agrees(t, dx, wanted.dx, EXACT, `${bits} bits: dw`);
    agrees(t, gradients.alpha!, wanted.alpha, EXACT, `${bits} bits: dα of weights`);
    t.equal("theta" in gradients, bits > 1, "one bit has no θ");
    if (bits > 1) agrees(t, gradients.theta!, wanted.theta!, 5 * EXACT, `${bits} bits: dθ of weights`);
    const { levels } = weightOf("lcq").levels(tensor2d(w, [30, 4]), held, settings);
    const mean = w.reduce((sum, value) => sum + value, 0) / w.length;
    const std = Math.sqrt(w.reduce((sum, value) => sum + (value - mean) ** 2, 0) / w.length);
    const magnitudes = unit.levels.map((level) => std * alpha * level);
    agrees(t, levels, withNegatives(magnitudes), EXACT, `${bits} bits: levels`);
  }
});

/** The levels of weights, ascending: the magnitudes with both signs. */
function withNegatives(magnitudes: readonly number[]): number[] {
  const negative = magnitudes.filter((level) => level > 0).map((level) => -level);
  return [...negative, ...magnitudes].sort((a, b) => a - b);
}
