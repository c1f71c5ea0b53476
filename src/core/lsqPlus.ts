import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { f32, numberOf, roundEven, uniformCurve } from "./curve.js";
import { gradientScale, lsq, SMALLEST_STEP, stepOf } from "./lsq.js";
import { defineQuantizer, parameterOf, type QuantizerTensors, savedAt, steps } from "./quantizer.js";
import { sumAll } from "./sums.js";

/**
 * LSQ+, configuration 4: activations with a learned step s and a learned offset β on the codes 0 …
 * N = 2^bits - 1 (equations 1 and 2). Weights are quantized as in LSQ, with another initial step.
 *
 * - c = round(clip((x - β)/s, 0, N)), y = c·s + β;
 * - dx = dy where 0 < (x - β)/s < N, else 0;
 * - ds = g·Σ dy·(c - (x - β)/s inside, 0 below, N above); dβ = g·Σ dy outside; g = 1/√(numel·N) as in LSQ
 *   (equations 3-5);
 * - the initial s and β of activations minimize the squared error on the first batch; the initial step of
 *   weights is s = max(|μ - 3σ|, |μ + 3σ|)/2^(bits-1) with the layer's mean and std.
 *
 * With one bit, activations have the levels β and s + β, weights -s and 0.
 */
export const lsqPlus = defineQuantizer({
  name: "lsq-plus",
  reference: "Bhalgat et al. 2020, arXiv 2004.09576, equations 1-5",
  activation: {
    parameters: () => [
      {
        name: "step",
        shape: [1],
        initialValue: 1,
        fromFirstBatch: true,
        bound: { at: SMALLEST_STEP, effect: "the quantizer's output is nearly constant at its offset" },
      },
      { name: "offset", shape: [1], initialValue: 0, fromFirstBatch: true },
    ],
    forward(x, tensors, { bits }) {
      const y = tf.tidy(() => {
        const codes = tf.round(tf.clipByValue(scaled(x, tensors), 0, steps(bits)));
        return tf.add(tf.mul(codes, stepOf(tensors)), parameterOf(tensors, "offset"));
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits }, world = 1) {
      const x = savedAt(saved, 0);
      const N = steps(bits);
      const { dx, step, offset } = tf.tidy(() => {
        const position = scaled(x, tensors);
        const inside = tf.cast(tf.logicalAnd(tf.greater(position, 0), tf.less(position, N)), "float32");
        const slope = tf.sub(tf.round(tf.clipByValue(position, 0, N)), tf.mul(position, inside));
        const g = tf.scalar(gradientScale(x.size * world, N));
        const dx = tf.mul(dy, inside);
        return { dx, step: tf.mul(sumAll(tf.mul(dy, slope)), g), offset: tf.mul(sumAll(tf.sub(dy, dx)), g) };
      });
      return { dx, gradients: { step, offset } };
    },
    initialize(x, { bits }) {
      const { step, offset } = leastSquares(sampleOf(x), steps(bits));
      return { step: tf.tensor1d([step]), offset: tf.tensor1d([offset]) };
    },
    curve({ bits }, values) {
      const N = steps(bits);
      const step = f32(Math.max(numberOf(values, "step"), SMALLEST_STEP));
      const offset = f32(numberOf(values, "offset"));
      const indexOf = (x: number) => roundEven(Math.min(N, Math.max(0, f32(f32(x - offset) / step))));
      return uniformCurve(N, step, indexOf, (k) => f32(f32(k * step) + offset));
    },
  },
  weight: {
    ...lsq.weight,
    initialize(w, { bits }) {
      const step = tf.tidy(() => {
        const mean = tf.mul(sumAll(w), 1 / w.size);
        const std = tf.sqrt(tf.mul(sumAll(tf.square(tf.sub(w, mean))), 1 / w.size));
        const reach = tf.add(tf.abs(mean), tf.mul(std, 3));
        return tf.reshape(tf.mul(reach, 1 / 2 ** (bits - 1)), [1]);
      });
      return { step };
    },
  },
});

/** (x - β)/s. */
function scaled(x: Tensor, tensors: QuantizerTensors): Tensor {
  return tf.div(tf.sub(x, parameterOf(tensors, "offset")), stepOf(tensors));
}

/** Maximum size of the sample of a batch: enough to estimate the distribution of millions of activations. */
const SAMPLE = 2 ** 16;

/** A sample of a tensor's values. Steps by the golden ratio cover channels and positions evenly. */
function sampleOf(x: Tensor): Float32Array {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const values = tf.tidy(() => {
    const flat = tf.reshape(x, [x.size]);
    if (x.size <= SAMPLE) return flat.dataSync();
    const places = Int32Array.from({ length: SAMPLE }, (_, i) => Math.floor(((i * ratio) % 1) * x.size));
    return tf.gather(flat, tf.tensor1d(places, "int32")).dataSync();
  });
  return Float32Array.from(values);
}

/**
 * Initial ranges to try, as fractions of the values' range: in a smaller range, outliers do not make the step
 * too coarse.
 */
const STARTS = Array.from({ length: 18 }, (_, i) => 0.88 ** i);
const ROUNDS = 8;

interface Line {
  readonly step: number;
  readonly offset: number;
}

/**
 * Finds s and β with the least mean squared error. The paper uses gradient descent. This function alternates
 * between assigning codes and, for fixed codes, linear regression of the values on the codes. Neither step
 * increases the error.
 */
function leastSquares(values: Float32Array, N: number): Line {
  const mean = values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  const [low, high] = values.reduce(
    ([low, high], v) => [Math.min(low, v), Math.max(high, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (!(high > low)) return { step: SMALLEST_STEP, offset: mean };
  const fits = STARTS.map((part) => {
    let line: Line = { step: ((high - low) * part) / N, offset: mean + (low - mean) * part };
    for (let pass = 0; pass < ROUNDS; pass++) line = lineThrough(values, line, N) ?? line;
    return { line, error: squaredError(values, line, N) };
  });
  return fits.reduce((best, fit) => (fit.error < best.error ? fit : best)).line;
}

const codeOf = (v: number, { step, offset }: Line, N: number) =>
  Math.min(N, Math.max(0, Math.round((v - offset) / step)));

/** Linear regression of the values on their codes; null if all codes are equal. */
function lineThrough(values: Float32Array, line: Line, N: number): Line | null {
  let [codes, squares, sum, products] = [0, 0, 0, 0];
  for (const v of values) {
    const code = codeOf(v, line, N);
    codes += code;
    squares += code * code;
    sum += v;
    products += code * v;
  }
  const count = values.length;
  const spread = squares - (codes * codes) / count;
  if (spread <= 0) return null;
  const step = (products - (codes * sum) / count) / spread;
  return step > SMALLEST_STEP ? { step, offset: (sum - step * codes) / count } : null;
}

function squaredError(values: Float32Array, line: Line, N: number): number {
  return values.reduce((error, v) => error + (codeOf(v, line, N) * line.step + line.offset - v) ** 2, 0);
}
