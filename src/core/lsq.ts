import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { QuantizerParameter } from "../graph/quantizer.js";
import { f32, numberOf, roundEven, uniformCurve } from "./curve.js";
import type { Backward, Forward, QuantizerTensors } from "./quantizer.js";
import { defineQuantizer, parameterOf, savedAt } from "./quantizer.js";
import { sumAll } from "./sums.js";

/**
 * Lower bound of the step size: prevents division by zero. A step below it still gets a gradient, so it can
 * grow again.
 */
export const SMALLEST_STEP = 1e-8;

/** The range of the integer codes: `low` is -Qn, `high` is Qp. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export const unsigned = (bits: number): Range => ({ low: 0, high: 2 ** bits - 1 });
export const signed = (bits: number): Range => ({ low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 });

const parameters = (): readonly QuantizerParameter[] => [
  {
    name: "step",
    shape: [1],
    initialValue: 1,
    fromFirstBatch: true,
    bound: { at: SMALLEST_STEP, effect: "the quantizer's output is nearly zero" },
  },
];

/**
 * LSQ: q = round(clip(v/s, -Qn, Qp))·s with a learned step s. dv = dq inside the range;
 * ds = g·Σ dq·(round(v/s) - v/s inside, -Qn or Qp outside), g = 1/√(numel·Qp); the initial step is
 * s₀ = 2·mean|v|/√Qp. Activations are unsigned, weights signed: -2^(bits-1) … 2^(bits-1) - 1. One-bit weights
 * have Qp = 0; both square roots then use 1 instead.
 */
export const lsq = defineQuantizer({
  name: "lsq",
  reference: "Esser et al. 2020, arXiv 1902.08153, equations 1-3 and section 2.2",
  activation: {
    parameters,
    forward: (x, tensors, { bits }) => forward(x, tensors, unsigned(bits)),
    backward: (dy, saved, tensors, { bits }, world) => backward(dy, saved, tensors, unsigned(bits), world),
    initialize: (x, { bits }) => initialize(x, unsigned(bits)),
    curve({ bits }, values) {
      const { low, high } = unsigned(bits);
      const step = f32(Math.max(numberOf(values, "step"), SMALLEST_STEP));
      const indexOf = (x: number) => roundEven(Math.min(high, Math.max(low, f32(x / step))));
      return uniformCurve(high, step, indexOf, (k) => f32(k * step));
    },
  },
  weight: {
    parameters,
    forward: (w, tensors, { bits }) => forward(w, tensors, signed(bits)),
    backward: (dq, saved, tensors, { bits }) => backward(dq, saved, tensors, signed(bits)),
    initialize: (w, { bits }) => initialize(w, signed(bits)),
    levels(_w, tensors, { bits }) {
      const { low, high } = signed(bits);
      const numbers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
      return { levels: tf.tidy(() => tf.mul(tf.tensor1d(numbers), stepOf(tensors))) };
    },
  },
});

function forward(v: Tensor, tensors: QuantizerTensors, { low, high }: Range): Forward {
  const y = tf.tidy(() => {
    const step = stepOf(tensors);
    return tf.mul(tf.round(tf.clipByValue(tf.div(v, step), low, high)), step);
  });
  return { y, saved: [v.clone()] };
}

function backward(
  dq: Tensor,
  saved: readonly Tensor[],
  tensors: QuantizerTensors,
  { low, high }: Range,
  world = 1,
): Backward {
  const v = savedAt(saved, 0);
  const { dx, step } = tf.tidy(() => {
    const scaled = tf.div(v, stepOf(tensors));
    const inside = tf.cast(
      tf.logicalAnd(tf.greaterEqual(scaled, low), tf.lessEqual(scaled, high)),
      "float32",
    );
    const slope = tf.sub(tf.round(tf.clipByValue(scaled, low, high)), tf.mul(scaled, inside));
    const g = gradientScale(v.size * world, high);
    return { dx: tf.mul(dq, inside), step: tf.mul(sumAll(tf.mul(dq, slope)), g) };
  });
  return { dx, gradients: { step } };
}

/** g = 1/√(numel·Qp). */
export function gradientScale(count: number, high: number): number {
  return 1 / Math.sqrt(count * Math.max(1, high));
}

function initialize(v: Tensor, { high }: Range): Record<string, Tensor> {
  const factor = 2 / (v.size * Math.sqrt(Math.max(1, high)));
  return { step: tf.tidy(() => tf.reshape(tf.mul(sumAll(tf.abs(v)), factor), [1])) };
}

/** The step, at least 1e-8. */
export function stepOf(tensors: QuantizerTensors): Tensor {
  return tf.maximum(parameterOf(tensors, "step"), SMALLEST_STEP);
}
