import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { countBelow } from "./binned.js";
import { curveOf, f32, numberOf } from "./curve.js";
import { clipBound, clipOf, defineQuantizer, savedAt } from "./quantizer.js";
import { sumAll } from "./sums.js";

/**
 * Additive Powers-of-Two: every level is a sum of powers of two, with k = 2 bits per term, in units of a
 * learned clipping value α.
 *
 * - Levels of B bits: all sums of one number from each of the n = ⌊B/2⌋ sets {0, 2^-i, 2^-(i+n), 2^-(i+2n)},
 *   i = 0 … n-1, divided by the largest sum. For an odd B there is one more set, {0, 2^-2n}, and the sets
 *   contain 2^-(i+2n+1) instead of 2^-(i+2n).
 * - Π(v) is the level nearest to v; at the midpoint of two levels it is the lower one. Activations:
 *   y = α·Π(clip(x/α, 0, 1)) with levels of `bits` bits. Weights: v = (w - μ)/σ with the layer's mean and
 *   std, Q = α·sign(v)·Π(clip(|v|/α, 0, 1)) with levels of bits - 1 bits.
 * - Backward, straight through Π (the reparameterized clipping function): dv = dQ where |v| ≤ α, else 0;
 *   dα = Σ dQ·(Π(v/α) - v/α inside, sign v outside). The gradient includes the normalization:
 *   dw = (dv - mean(dv) - v·mean(dv·v))/σ.
 *
 * One-bit activations have the levels 0 and α, one-bit weights -α and α, two-bit weights -α, 0 and α. A layer
 * whose weights are all equal gives zeros and gets no gradient.
 */
export const apot = defineQuantizer({
  name: "apot",
  reference: "Li et al. 2020, arXiv 1909.13144, section 2",
  activation: {
    parameters: () => [{ name: "act_alpha", shape: [1], initialValue: 6, bound: clipBound }],
    forward(x, tensors, { bits }) {
      const y = tf.tidy(() => {
        const alpha = clipOf(tensors, "act_alpha");
        return nearest(tf.div(x, alpha), additivePowers(bits), alpha);
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits }) {
      const x = savedAt(saved, 0);
      const { dx, act_alpha } = tf.tidy(() => {
        const ratio = tf.div(x, clipOf(tensors, "act_alpha"));
        const inside = tf.cast(tf.logicalAnd(tf.greaterEqual(ratio, 0), tf.lessEqual(ratio, 1)), "float32");
        const slope = tf.sub(nearest(ratio, additivePowers(bits)), tf.mul(ratio, inside));
        return { dx: tf.mul(dy, inside), act_alpha: sumAll(tf.mul(dy, slope)) };
      });
      return { dx, gradients: { act_alpha } };
    },
    curve({ bits }, values) {
      const alpha = f32(Math.max(numberOf(values, "act_alpha"), f32(clipBound.at)));
      const unit = additivePowers(bits);
      const edges = middles(unit);
      const indexOf = (x: number) => edges.filter((edge) => f32(x / alpha) > edge).length;
      return curveOf(
        indexOf,
        unit.map((level) => f32(level * alpha)),
        edges.map((edge) => edge * alpha),
      );
    },
  },
  weight: {
    parameters: () => [{ name: "weight_alpha", shape: [1], initialValue: 3, bound: clipBound }],
    forward(w, tensors, { bits }) {
      const [y, normalized, inverse] = tf.tidy(() => {
        const { normalized, inverse, alive } = normalize(w);
        const alpha = clipOf(tensors, "weight_alpha");
        const size = nearest(tf.div(tf.abs(normalized), alpha), magnitudes(bits), tf.mul(alpha, alive));
        return [tf.mul(signOf(normalized), size), normalized, inverse] as const;
      });
      return { y, saved: [normalized, inverse] };
    },
    backward(dq, saved, tensors, { bits }) {
      const [normalized, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
      const { dx, weight_alpha } = tf.tidy(() => {
        const ratio = tf.div(tf.abs(normalized), clipOf(tensors, "weight_alpha"));
        const inside = tf.cast(tf.lessEqual(ratio, 1), "float32");
        const slope = tf.sub(nearest(ratio, magnitudes(bits)), tf.mul(ratio, inside));
        const alive = tf.cast(tf.greater(inverse, 0), "float32");
        return {
          dx: normalizeBackward(tf.mul(dq, inside), normalized, inverse),
          weight_alpha: tf.mul(sumAll(tf.mul(dq, tf.mul(signOf(normalized), slope))), alive),
        };
      });
      return { dx, gradients: { weight_alpha } };
    },
    levels(w, tensors, { bits }) {
      const signed = bothSigns(magnitudes(bits));
      return {
        levels: tf.tidy(() =>
          tf.mul(tf.tensor1d(signed), tf.mul(clipOf(tensors, "weight_alpha"), normalize(w).alive)),
        ),
      };
    },
  },
});

/**
 * Returns the weights normalized to mean 0 and std 1, the std σ `[1]`, 1/σ `[1]`, and the float32 flag
 * `alive [1]`, which is 1. If all weights are equal, all four are 0.
 */
export function normalize(w: Tensor) {
  const mean = meanOf(w);
  const centered = tf.sub(w, mean);
  const std = tf.sqrt(meanOf(tf.square(centered)));
  const alive = tf.cast(tf.greater(std, tf.mul(tf.abs(mean), 1e-5)), "float32");
  const inverse = tf.mul(alive, tf.div(1, tf.add(std, tf.sub(1, alive))));
  return { normalized: tf.mul(centered, inverse), std: tf.mul(std, alive), inverse, alive };
}

/** Maps gradients of normalized weights `v` to gradients of the weights: (dv - mean(dv) - v·mean(dv·v))/σ. */
export function normalizeBackward(dv: Tensor, v: Tensor, inverse: Tensor): Tensor {
  return tf.mul(inverse, tf.sub(tf.sub(dv, meanOf(dv)), tf.mul(v, meanOf(tf.mul(dv, v)))));
}

/** The mean of all values, `[1]`. */
export function meanOf(values: Tensor): Tensor {
  return tf.mul(sumAll(values), 1 / values.size);
}

/** 1 where v ≥ 0, else -1. Zeros get the sign 1, because one-bit weights have no third level. */
export function signOf(v: Tensor): Tensor {
  return tf.sub(tf.mul(tf.cast(tf.greaterEqual(v, 0), "float32"), 2), 1);
}

/** All sums of one number per set, ascending, in float32, divided by the largest; for 0 bits only [1]. */
function additivePowers(bits: number): number[] {
  const codes = additiveCodes(bits);
  return codes.map((code) => f32(code / (codes.at(-1) ?? 1)));
}

/** The sums of `additivePowers` as multiples of their smallest term: integers up to 3,840. */
export function additiveCodes(bits: number): number[] {
  const n = Math.floor(bits / 2);
  const odd = bits % 2;
  const sets = Array.from({ length: n }, (_, i) => [0, -i, -(i + n), -(i + 2 * n + odd)]).map(
    ([_, ...exponents]) => [0, ...exponents.map((exponent) => 2 ** exponent)],
  );
  if (odd === 1) sets.push([0, 2 ** (-2 * n)]);
  if (sets.length === 0) return [1];
  const smallest = Math.min(...sets.flat().filter((term) => term > 0));
  const sums = sets.reduce((sums, set) => sums.flatMap((sum) => set.map((term) => sum + term)), [0]);
  return sums.sort((a, b) => a - b).map((sum) => sum / smallest);
}

/** The levels of the magnitude of weights: one of the `bits` bits is the sign. */
const magnitudes = (bits: number) => additivePowers(bits - 1);

/** Thresholds between neighboring levels, in float32. */
function middles(levels: readonly number[]): number[] {
  return levels.slice(1).map((level, k) => f32((level + (levels[k] ?? 0)) / 2));
}

/** The negatives of the levels, then the levels, ascending; 0 appears once. */
function bothSigns(levels: readonly number[]): number[] {
  return [...levels.filter((level) => level !== 0).map((level) => -level)].reverse().concat(levels);
}

/** The level nearest to each ratio, times `scale`; at a midpoint the lower level. */
function nearest(ratio: Tensor, levels: readonly number[], scale?: Tensor): Tensor {
  const units = tf.tensor1d([...levels]);
  const scaled = scale === undefined ? units : tf.mul(units, scale);
  if (levels.length === 1) return tf.add(tf.zerosLike(ratio), scaled);
  return tf.gather(scaled, countBelow(tf.tensor1d(middles(levels)), ratio));
}
