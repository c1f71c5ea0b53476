import type { Rank, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { QuantizerOptions, ResolvedOptions } from "../graph/quantizer.js";
import { meanOf, normalize, normalizeBackward, signOf } from "./apot.js";
import { countBelow, sumByBin } from "./binned.js";
import { curveOf, f32, numberOf, valuesOf } from "./curve.js";
import {
  clipBound,
  clipOf,
  defineQuantizer,
  parameterOf,
  type QuantizerTensors,
  savedAt,
  steps,
} from "./quantizer.js";
import { sumAll } from "./sums.js";

/** The paper's K. */
const INTERVALS = 16;
/** Lower bound of a p_k: prevents division by zero where softmax underflows. */
const SMALLEST_PART = 1e-30;

/**
 * Learnable Companding Quantization: a uniform quantizer between a compressing function f and its inverse. f:
 * [0, 1] → [0, 1] is piecewise linear on K equal intervals. In interval k it rises by p_k, with
 * p = softmax(θ), so its slopes are γ = K·p, and it begins the interval at β_k = p_1 + … + p_{k-1}.
 *
 * - g(v) = f⁻¹(round(f(v)·N)/N): level k is f⁻¹(k/N), and the threshold above it f⁻¹((k + ½)/N). A value on a
 *   threshold takes the lower level. Activations: y = α·g(x/α) for 0 ≤ x < α, 0 below, α above, with
 *   N = 2^bits - 1.
 * - Weights: v = (w - μ)/σ with the layer's mean and std, Q = σ·sign(v)·α·g(|v|/α), N = 2^(bits-1) - 1
 *   (limited weight normalization). One-bit weights have the levels -ασ and ασ, and no θ.
 * - Backward is straight through g for x and α: dx = dy where |x| < α, else 0; dα = Σ dy·(g(v) - v inside, 1
 *   above). For θ only the rounding is straight-through: dg/dp_m = (h_m(v) - h_m(g))/γ(g), where
 *   h_m(v) = clip(K·v - m, 0, 1) is the part of interval m = 0 … K-1 below v, and γ(g) is the slope at the
 *   level. The gradient of the weights includes μ and σ.
 */
export const lcq = defineQuantizer({
  name: "lcq",
  reference: "Yamamoto 2021, arXiv 2103.07156, section 3",
  activation: {
    options,
    parameters: ({ intervals }) => [clipping(6), companding(intervals)],
    forward(x, tensors, { bits }) {
      const y = tf.tidy(() => {
        const alpha = clipOf(tensors, "alpha");
        const { levels, thresholds } = compander(tensors, steps(bits));
        return tf.gather(tf.mul(levels, alpha), countBelow(thresholds, tf.div(x, alpha)));
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits }) {
      const x = savedAt(saved, 0);
      const { dx, alpha, theta } = tf.tidy(() => {
        const ratio = tf.div(x, clipOf(tensors, "alpha"));
        const inside = tf.cast(tf.logicalAnd(tf.greaterEqual(ratio, 0), tf.less(ratio, 1)), "float32");
        const pieces = compander(tensors, steps(bits));
        const place = countBelow(pieces.thresholds, ratio);
        const dx = tf.mul(dy, inside);
        return {
          dx,
          alpha: sumAll(tf.mul(dy, tf.sub(tf.gather(pieces.levels, place), tf.mul(ratio, inside)))),
          theta: thetaGradient(tf.mul(dx, clipOf(tensors, "alpha")), ratio, place, pieces),
        };
      });
      return { dx, gradients: { alpha, theta } };
    },
    curve({ bits }, values) {
      const alpha = f32(Math.max(numberOf(values, "alpha"), f32(clipBound.at)));
      const { levels, thresholds } = companderOf(valuesOf(values, "theta"), steps(bits));
      const indexOf = (x: number) => thresholds.filter((edge) => f32(x / alpha) > edge).length;
      return curveOf(
        indexOf,
        levels.map((level) => f32(level * alpha)),
        thresholds.map((edge) => edge * alpha),
      );
    },
  },
  weight: {
    options,
    parameters: ({ bits, intervals }) => (bits === 1 ? [clipping(3)] : [clipping(3), companding(intervals)]),
    forward(w, tensors, { bits }) {
      const [y, ...saved] = tf.tidy(() => {
        const { normalized, std, inverse } = normalize(w);
        const ratio = tf.div(tf.abs(normalized), clipOf(tensors, "alpha"));
        const { place, levels } = weightPlace(ratio, tensors, bits);
        const size = tf.gather(tf.mul(levels, tf.mul(clipOf(tensors, "alpha"), std)), place);
        return [tf.mul(signOf(normalized), size), normalized, std, inverse] as const;
      });
      return { y, saved };
    },
    backward(dq, saved, tensors, { bits }) {
      const [v, std, inverse] = [savedAt(saved, 0), savedAt(saved, 1), savedAt(saved, 2)];
      const { dx, ...gradients } = tf.tidy((): Record<"dx", Tensor> & Record<string, Tensor> => {
        const clip = clipOf(tensors, "alpha");
        const ratio = tf.div(tf.abs(v), clip);
        const inside = tf.cast(tf.less(ratio, 1), "float32");
        const { place, levels, pieces } = weightPlace(ratio, tensors, bits);
        const level = tf.gather(levels, place);
        const upstream = tf.mul(dq, std);
        const bySize = tf.mul(upstream, signOf(v));
        const direct = normalizeBackward(tf.mul(upstream, inside), v, inverse);
        const throughScale = tf.mul(v, meanOf(tf.mul(dq, tf.mul(signOf(v), tf.mul(level, clip)))));
        const alpha = sumAll(tf.mul(bySize, tf.sub(level, tf.mul(ratio, inside))));
        const dx = tf.add(direct, tf.mul(throughScale, tf.cast(tf.greater(inverse, 0), "float32")));
        if (pieces === null) return { dx, alpha };
        return {
          dx,
          alpha,
          theta: thetaGradient(tf.mul(tf.mul(bySize, inside), clip), ratio, place, pieces),
        };
      });
      return { dx, gradients };
    },
    levels(w, tensors, { bits }) {
      const levels = tf.tidy(() => {
        const { levels } = weightPlace(tf.scalar(0), tensors, bits);
        const scale = tf.mul(clipOf(tensors, "alpha"), normalize(w).std);
        const places = Array.from({ length: levels.size }, (_, k) => k);
        const negative = bits === 1 ? places : places.slice(1).reverse();
        const signs = [...negative.map(() => -1), ...places.map(() => 1)];
        return tf.mul(
          tf.mul(tf.gather(levels, tf.tensor1d([...negative, ...places], "int32")), tf.tensor1d(signs)),
          scale,
        );
      });
      return { levels };
    },
  },
});

function options({ intervals = INTERVALS }: ResolvedOptions): QuantizerOptions {
  return { intervals };
}

function clipping(initialValue: number) {
  return { name: "alpha", shape: [1], initialValue, bound: clipBound };
}

function companding(intervals = INTERVALS) {
  return { name: "theta", shape: [intervals], initialValue: 0 };
}

interface Compander {
  /** `[N + 1]`: the values of g, 0 to 1. */
  readonly levels: Tensor1D;
  /** `[N]`. */
  readonly thresholds: Tensor1D;
  /** `[N + 1]`: 1/γ at each level. */
  readonly expansion: Tensor1D;
  /** p, `[K]`. */
  readonly parts: Tensor1D;
}

/** The levels and thresholds of f with N steps. */
function compander(tensors: QuantizerTensors, N: number): Compander {
  const theta = parameterOf(tensors, "theta");
  const K = theta.size;
  const powers = tf.exp(tf.sub(theta, tf.max(theta)));
  const sums = tf.cumsum(powers) as Tensor1D;
  const total = tf.slice(sums, [K - 1], [1]);
  const parts = tf.div<Tensor1D>(powers, total);
  const inner = tf.div<Tensor1D>(tf.slice(sums, [0], [K - 1]), total);
  const lower = tf.concat([tf.zeros<Rank.R1>([1]), inner]);
  const expand = (values: readonly number[]) => {
    const q = tf.tensor1d([...values]);
    const interval = countBelow(inner, q);
    const part = tf.maximum(tf.gather(parts, interval), SMALLEST_PART);
    const share = tf.clipByValue(tf.div(tf.sub(q, tf.gather(lower, interval)), part), 0, 1);
    const value = tf.mul<Tensor1D>(tf.add(share, tf.cast(interval, "float32")), 1 / K);
    return { value, expansion: tf.div<Tensor1D>(1 / K, part) };
  };
  const { value, expansion } = expand(Array.from({ length: N + 1 }, (_, k) => k / N));
  const levels = tf.concat([tf.slice(value, [0], [N]), tf.tensor1d([1])]);
  const { value: thresholds } = expand(Array.from({ length: N }, (_, k) => (k + 0.5) / N));
  return { levels, thresholds, expansion, parts };
}

/** Computes `compander` with plain numbers, with the operations in the same order. */
function companderOf(theta: readonly number[], N: number) {
  const K = theta.length;
  const largest = Math.max(...theta.map(f32));
  const powers = theta.map((value) => f32(Math.exp(f32(f32(value) - largest))));
  let running = 0;
  const sums = powers.map((power) => {
    running = f32(running + power);
    return running;
  });
  const parts = powers.map((power) => f32(power / running));
  const inner = sums.slice(0, -1).map((rise) => f32(rise / running));
  const expand = (value: number) => {
    const q = f32(value);
    const interval = inner.filter((edge) => q > edge).length;
    const part = Math.max(parts[interval] ?? 0, f32(SMALLEST_PART));
    const share = f32(f32(q - (inner[interval - 1] ?? 0)) / part);
    return f32(f32(Math.min(1, Math.max(0, share)) + interval) * f32(1 / K));
  };
  return {
    levels: Array.from({ length: N + 1 }, (_, k) => (k === N ? 1 : expand(k / N))),
    thresholds: Array.from({ length: N }, (_, k) => expand((k + 0.5) / N)),
  };
}

/** For weights: the index of each |v|/α's level (`place`) and the levels. One of the bits is the sign. */
function weightPlace(ratio: Tensor, tensors: QuantizerTensors, bits: number) {
  if (bits === 1) return { place: tf.zeros(ratio.shape, "int32"), levels: tf.tensor1d([1]), pieces: null };
  const pieces = compander(tensors, steps(bits - 1));
  return { place: countBelow(pieces.thresholds, ratio), levels: pieces.levels, pieces };
}

/**
 * dθ through the softmax, from Σ flow·(h_m(v) - h_m(g))/γ(g). @param flow upstream gradients of g, 0 where it
 * is clipped @param ratio v @param place the level index of each value
 */
function thetaGradient(flow: Tensor, ratio: Tensor, place: Tensor, pieces: Compander): Tensor {
  const { levels, expansion, parts } = pieces;
  const K = parts.size;
  const weighted = tf.mul(flow, tf.gather(expansion, place));
  const position = tf.mul(tf.clipByValue(ratio, 0, 1), K);
  const interval = tf.clipByValue(tf.floor(position), 0, K - 1);
  const bin = tf.cast(interval, "int32");
  const whole = tf.cumsum(sumByBin(bin, weighted, K), 0, true, true);
  const ofValues = tf.add(whole, sumByBin(bin, tf.mul(weighted, tf.sub(position, interval)), K));
  const byLevel = tf.reshape(sumByBin(place, weighted, levels.size), [levels.size, 1]);
  const starts = tf.tensor1d(Array.from({ length: K }, (_, m) => m));
  const covered = tf.clipByValue(tf.sub(tf.reshape(tf.mul(levels, K), [levels.size, 1]), starts), 0, 1);
  const byPart = tf.sub(ofValues, tf.sum(tf.mul(byLevel, covered), 0));
  return tf.mul(parts, tf.sub(byPart, tf.sum(tf.mul(parts, byPart))));
}
