import type { Rank, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { countBelow, sumByBin } from "./binned.js";
import { curveOf, f32, lastWithout, numberOf, valuesOf } from "./curve.js";
import type { Quantizer, QuantizerTensors } from "./quantizer.js";
import { parameterOf, savedAt, steps } from "./quantizer.js";

/** Lower bound of an interval's length. Shorter intervals have no gradient, as in the released code. */
const SHORTEST_INTERVAL = 1e-3;

/**
 * N2UQ's activation quantizer: nonuniform learnable thresholds on the input, uniform levels of the output
 * (sections 3.1 and 3.2; docs/method.md). With x' = β₁x, N = 2^bits - 1, Δ = 2/N and ã = max(a, 1e-3):
 *
 * - backward thresholds b₁ = start, b_{i+1} = b_i + ã_i; forward thresholds t_i = b_i + ã_i/2;
 * - forward: y = β₂ Δ · #{i : x' > t_i};
 * - backward (G-STE): inside (b_i, b_{i+1}] the slope dy/dx' is β₂ Δ/ã_i, outside it is 0.
 *
 * Both sets of thresholds interleave (b₁ t₁ b₂ t₂ … b_N t_N b_{N+1}), so one search finds a value's place
 * (the gap between two neighboring thresholds) for both passes. The gradient of every parameter follows from
 * the sums of dy and dy·x per place.
 */
export const n2uqActivation: Quantizer["activation"] = {
  parameters: ({ bits }) => [
    { name: "start", shape: [1], initialValue: 0 },
    {
      name: "a",
      shape: [steps(bits)],
      initialValue: 2 / steps(bits),
      bound: { at: SHORTEST_INTERVAL, effect: "all thresholds coincide" },
    },
    {
      name: "scale1",
      shape: [1],
      initialValue: 1,
      bound: { at: 0, effect: "the quantizer's output has one level, or its levels in reverse order" },
    },
    {
      name: "scale2",
      shape: [1],
      initialValue: 1,
      bound: { at: 0, effect: "the quantizer's output is zero, or has the opposite sign" },
    },
  ],
  forward(x, tensors, { bits }) {
    const [y, place] = tf.tidy(() => {
      const { edges, places } = thresholds(tensors, steps(bits));
      const place = countBelow(edges, tf.mul(x, parameterOf(tensors, "scale1")));
      const levels = tf.mul(levelByPlace(places), parameterOf(tensors, "scale2"));
      return [tf.gather(levels, place), place] as const;
    });
    return { y, saved: [x.clone(), place] };
  },
  backward(dy, saved, tensors, { bits }) {
    const [x, place] = [savedAt(saved, 0), savedAt(saved, 1)];
    const N = steps(bits);
    const { dx, ...gradients } = tf.tidy(() => {
      const [beta1, beta2] = [parameterOf(tensors, "scale1"), parameterOf(tensors, "scale2")];
      const pieces = thresholds(tensors, N);
      const { lengths, places } = pieces;
      const slopes = tf.div(2 / N, lengths);
      const dx = tf.mul(dy, tf.gather(tf.mul(tf.mul(beta1, beta2), byPlace(slopes)), place));
      const sumDy = sumByBin(place, dy, places);
      const [g1, gx] = [byInterval(sumDy, N), byInterval(sumByBin(place, tf.mul(dy, x), places), N)];
      return {
        dx,
        ...intervalGradients(g1, gx, { ...pieces, beta1, beta2, slopes }),
        scale2: tf.reshape(tf.sum(tf.mul(sumDy, levelByPlace(places))), [1]),
      };
    });
    return { dx, gradients };
  },
  /** A negative β₁ reverses the curve; with β₁ = 0 it has one level. */
  curve({ bits }, values) {
    const N = steps(bits);
    const [beta1, beta2] = [f32(numberOf(values, "scale1")), f32(numberOf(values, "scale2"))];
    const levels = Array.from({ length: N + 1 }, (_, k) => f32(f32(k * (2 / N)) * beta2));
    const inner = intervalsOf(f32(numberOf(values, "start")), valuesOf(values, "a")).middles;
    const countOf = (x: number) => inner.filter((threshold) => f32(x * beta1) > threshold).length;
    if (beta1 === 0) return { thresholds: [], levels: [levels[countOf(0)] ?? 0] };
    const guesses = inner.map((threshold) => threshold / beta1);
    if (beta1 > 0) return curveOf(countOf, levels, guesses);
    const thresholds = guesses.map((guess, i) => lastWithout((x) => countOf(x) <= i, guess));
    return { thresholds: thresholds.reverse(), levels: levels.reverse() };
  },
};

/**
 * The intervals in float32, computed in the same order of operations as `thresholds`: the lengths ã, whether
 * each has a gradient, their ends b₁…b_{N+1} and their middles, the forward thresholds t_i.
 */
export function intervalsOf(start: number, a: ArrayLike<number>) {
  const open = Array.from(a, (value) => value > f32(SHORTEST_INTERVAL));
  const lengths = Array.from(a, (value, i) => f32(open[i] ? value : SHORTEST_INTERVAL));
  const ends = [start];
  const middles: number[] = [];
  let [lower, reached] = [start, 0];
  for (const length of lengths) {
    middles.push(f32(lower + f32(length * 0.5)));
    reached = f32(reached + length);
    lower = f32(start + reached);
    ends.push(lower);
  }
  return { lengths, open, ends, middles };
}

/**
 * The tensors that `intervalGradients` needs: scales, and slopes, lengths, lower ends and gradient mask of
 * the intervals.
 */
export type Pieces = Readonly<Record<"beta1" | "beta2" | "slopes" | "lengths" | "lower" | "open", Tensor>>;

/** The gradients of start, a and scale1 from Σdy and Σdy·x per interval. */
export function intervalGradients(
  g1: Tensor,
  gx: Tensor,
  { beta1, beta2, slopes, lengths, lower, open }: Pieces,
) {
  const flow = tf.mul(beta2, tf.mul(slopes, g1));
  const later = tf.cumsum(flow, 0, true, true);
  const own = tf.mul(tf.mul(beta2, tf.div(slopes, lengths)), tf.sub(tf.mul(beta1, gx), tf.mul(lower, g1)));
  return {
    start: tf.reshape(tf.neg(tf.sum(flow)), [1]),
    a: tf.mul(tf.neg(tf.add(later, own)), open),
    scale1: tf.reshape(tf.mul(beta2, tf.sum(tf.mul(slopes, gx))), [1]),
  };
}

/**
 * Returns both sets of thresholds interleaved (`edges`) and separately, ã (`lengths`), b₁…b_N (`lower`), the
 * number of places (one more than edges), and `open`, a mask that is 1 for the ã_i with a gradient, else 0.
 */
export function thresholds(tensors: QuantizerTensors, N: number) {
  const a = parameterOf(tensors, "a");
  const long = tf.greater(a, SHORTEST_INTERVAL);
  const lengths = tf.where(long, a, tf.fill([N], SHORTEST_INTERVAL)) as Tensor1D;
  const fromStart = tf.concat([tf.zeros<Rank.R1>([1]), tf.cumsum(lengths)]);
  const backward = tf.add(parameterOf(tensors, "start"), fromStart) as Tensor1D;
  const lower = tf.slice(backward, [0], [N]);
  const forward = tf.add(lower, tf.mul(lengths, 0.5));
  const pairs = tf.reshape(tf.stack([lower, forward], 1), [2 * N]);
  const edges = tf.concat([pairs as Tensor1D, tf.slice(backward, [N], [1])]);
  return { edges, forward, backward, lengths, lower, places: 2 * N + 2, open: tf.cast(long, "float32") };
}

/** Δ times the number of forward thresholds below each place; place f has ⌊f/2⌋ of them. */
function levelByPlace(places: number): Tensor1D {
  const delta = 2 / (places / 2 - 1);
  return tf.tensor1d(Array.from({ length: places }, (_, place) => Math.floor(place / 2) * delta));
}

/**
 * Expands values per interval to values per place: both halves of an interval get the interval's value,
 * places outside the intervals get 0.
 */
function byPlace(values: Tensor): Tensor1D {
  const twice = tf.reshape(tf.stack([values, values], 1), [2 * values.size]) as Tensor1D;
  return tf.concat([tf.zeros<Rank.R1>([1]), twice, tf.zeros<Rank.R1>([1])]);
}

/** Adds sums per place to sums per interval. */
function byInterval(sums: Tensor1D, N: number): Tensor {
  return tf.sum(tf.reshape(tf.slice(sums, [1], [2 * N]), [N, 2]), 1);
}
