import { tensor1d } from "@tensorflow/tfjs-core";
import t from "tap";
import {
  curveOf,
  f32,
  lastWithout,
  numberOf,
  roundEven,
  uniformCurve,
  valuesOf,
} from "../../src/core/curve.js";
import { parameterOf, savedAt } from "../../src/core/quantizer.js";
import { quantizers } from "../../src/core/quantizers.js";
import { cpu } from "../../src/engines/cpu/engine.js";

await cpu.load();

const LARGEST = 3.4028234663852886e38;
const SMALLEST = 2 ** -149;
/** Float32 numbers of every size, from the most negative to the largest. */
const numbers = [-LARGEST, -1e30, -3, -1, -0.1, -1e-30, -SMALLEST, 0, SMALLEST, 1e-30, 0.1, 1, 2, 1e30].map(
  f32,
);

t.test("the last number that does not fulfil a condition, from any guess", async (t) => {
  const guesses = [...numbers, LARGEST, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const last of numbers)
    for (const guess of guesses)
      t.equal(lastWithout((x) => x > last, guess) + 0, last + 0, `${last} from ${guess}`);
  for (const guess of guesses) {
    t.equal(
      lastWithout(() => true, guess),
      -LARGEST,
      `always fulfilled, from ${guess}`,
    );
    t.equal(
      lastWithout(() => false, guess),
      LARGEST,
      `never fulfilled, from ${guess}`,
    );
  }
});

t.test("a good guess saves most of the search", async (t) => {
  const callsFor = (last: number, guess: number) => {
    let calls = 0;
    lastWithout((x) => {
      calls += 1;
      return x > last;
    }, guess);
    return calls;
  };
  for (const last of [-1e30, -3, -0.1, 0.1, 1, 1e30].map(f32)) {
    t.ok(callsFor(last, last) <= 8, `${last}: ${callsFor(last, last)} calls from itself`);
    t.ok(callsFor(last, last * (1 + 1e-6)) <= 20, `${last}: from a number nearby`);
    t.ok(callsFor(last, 0) <= 80, `${last}: from zero, with steps that grow`);
  }
});

t.test("halves are rounded to even", async (t) => {
  const cases = {
    "-2.5": -2,
    "-1.5": -2,
    "-0.6": -1,
    "0.4": 0,
    "0.5": 0,
    "0.6": 1,
    "1.5": 2,
    "2.5": 2,
    "3.5": 4,
  };
  for (const [x, wanted] of Object.entries(cases)) t.equal(roundEven(Number(x)) + 0, wanted, x);
});

t.test("a curve has a threshold below each level, wherever its guesses are", async (t) => {
  const indexOf = (x: number) => [-1, 0.25, 3].filter((edge) => x > edge).length;
  t.same(curveOf(indexOf, [7, 8, 9, 10], [5, 5, 5]), { thresholds: [-1, 0.25, 3], levels: [7, 8, 9, 10] });
  const uniform = uniformCurve(
    3,
    2,
    (x) => Math.min(3, Math.max(0, roundEven(x / 2))),
    (k) => 10 * k,
  );
  t.same(uniform.levels, [0, 10, 20, 30]);
  let calls = 0;
  const counted = (x: number) => {
    calls += 1;
    return Math.min(255, Math.max(0, roundEven(x / 0.7)));
  };
  uniformCurve(255, 0.7, counted, (k) => k);
  t.ok(calls < 12 * 255, `${calls} calls: each search begins near its threshold`);
  // Half a step goes to the even level: the first and the third threshold belong to the level below.
  t.same(uniform.thresholds, [1, f32(3 - 2 ** -22), 5]);
});

t.test("a missing parameter or saved tensor is named", async (t) => {
  t.same(valuesOf({ a: [1, 2] }, "a"), [1, 2]);
  t.equal(numberOf({ a: [4, 5] }, "a"), 4);
  t.throws(() => valuesOf({ a: [1] }, "step"), { name: "RangeError", message: /lacks its parameter step/ });
  t.throws(() => numberOf({ step: [] }, "step"), { message: /lacks its parameter step/ });
  const one = tensor1d([3]);
  t.equal(parameterOf({ step: one }, "step"), one);
  t.throws(() => parameterOf({}, "step"), { name: "RangeError", message: /lacks its parameter step/ });
  t.equal(savedAt([one], 0), one);
  t.throws(() => savedAt([one], 1), { name: "RangeError", message: /needs tensor 1 of forward/ });
});

t.test("N2UQ's curve: intervals at their bound, and a scale that is negative or zero", async (t) => {
  const { curve } = quantizers.n2uq.activation;
  const settings = { method: "n2uq", bits: 2 } as const;
  const values = { start: [0.5], a: [1, 2, 0], scale1: [1], scale2: [3] };
  const levels = [0, 2, 4, 6].map((level) => f32(f32(level / 3) * 3));
  t.same(curve(settings, values), { thresholds: [1, 2.5, f32(3.5 + f32(f32(1e-3) / 2))], levels });
  const reversed = curve(settings, { ...values, a: [1, 2, 2], scale1: [-0.5] });
  t.same(reversed.levels, [...levels].reverse());
  const before = (x: number) => f32(-x - 2 ** (Math.floor(Math.log2(x)) - 23));
  // The level changes where -x/2 exceeds a threshold, so a threshold itself has the upper side's level.
  const wanted = [9, 5, 2].map((x) => before(x));
  t.same(reversed.thresholds, wanted);
  t.same(curve(settings, { ...values, scale1: [0] }), { thresholds: [], levels: [0] }, "zero is below all");
  t.same(curve(settings, { ...values, start: [-1.5], scale1: [0] }), { thresholds: [], levels: [levels[1]] });
});
