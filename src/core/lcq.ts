import type { Rank, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  cast,
  clipByValue,
  concat,
  cumsum,
  div,
  exp,
  floor,
  gather,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  max,
  maximum,
  mul,
  reshape,
  scalar,
  slice,
  sub,
  sum,
  tensor1d,
  tidy,
  zeros,
} from "@tensorflow/tfjs-core";
import type { QuantizerOptions, ResolvedOptions } from "../graph/quantizer.js";
import { clipOf, meanOf, normalize, normalizeBackward, signOf } from "./apot.js";
import { countBelow, sumByBin } from "./binned.js";
import { curveOf, f32, numberOf, valuesOf } from "./curve.js";
import { defineQuantizer, parameterOf, type QuantizerTensors, savedAt, steps } from "./quantizer.js";
import { sumAll } from "./sums.js";

/** The paper's K. */
const INTERVALS = 16;
/** Lower bound of a share, against division by zero where softmax underflows. */
const SMALLEST_PART = 1e-30;

/**
 * Learnable Companding Quantization: a uniform quantizer between a compressing function f and its inverse. f: [0, 1] → [0, 1] is
 * piecewise linear on K equal intervals, with shares p = softmax(θ) of its rise: slopes γ = K·p, β_k = p_1 + … + p_{k-1}.
 *
 * - g(v) = f⁻¹(round(f(v)·N)/N): level k is f⁻¹(k/N), and the threshold above it f⁻¹((k + ½)/N). A value on a threshold takes
 *   the lower level. y = α·g(x/α) below α, α above. N = 2^bits - 1 for activations (0 for x < 0).
 * - Weights: v = (w - μ)/σ with the layer's mean and std, Q = σ·sign(v)·α·g(|v|/α), N = 2^(bits-1) - 1 (limited weight
 *   normalization). One bit of weights gives -ασ and ασ, and has no θ.
 * - Backward, straight through g for x and α: dx = dy where |x| < α, else 0; dα = Σ dy·(g(v) - v inside, 1 above).
 *   Straight through the rounding for θ: dg/dp_m = (h_m(v) - h_m(g))/γ(g), h_m(v) = clip(K·v - m, 0, 1) being the part of
 *   interval m = 0 … K-1 below v, and γ(g) the slope at the level. μ and σ take part in the gradient of weights.
 */
export const lcq = defineQuantizer({
  name: "lcq",
  reference: "Yamamoto 2021, arXiv 2103.07156, section 3",
  activation: {
    options,
    parameters: ({ intervals }) => [clipping(6), companding(intervals)],
    forward(x, tensors, { bits }) {
      const y = tidy(() => {
        const alpha = clipOf(tensors, "alpha");
        const { levels, thresholds } = compander(tensors, steps(bits));
        return gather(mul(levels, alpha), countBelow(thresholds, div(x, alpha)));
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits }) {
      const x = savedAt(saved, 0);
      const { dx, alpha, theta } = tidy(() => {
        const ratio = div(x, clipOf(tensors, "alpha"));
        const inside = cast(logicalAnd(greaterEqual(ratio, scalar(0)), less(ratio, scalar(1))), "float32");
        const pieces = compander(tensors, steps(bits));
        const place = countBelow(pieces.thresholds, ratio);
        const dx = mul(dy, inside);
        return {
          dx,
          alpha: sumAll(mul(dy, sub(gather(pieces.levels, place), mul(ratio, inside)))),
          theta: thetaGradient(mul(dx, clipOf(tensors, "alpha")), ratio, place, pieces),
        };
      });
      return { dx, gradients: { alpha, theta } };
    },
    curve({ bits }, values) {
      const alpha = f32(Math.max(numberOf(values, "alpha"), f32(1e-6)));
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
      const [y, ...saved] = tidy(() => {
        const { normalized, std, inverse } = normalize(w);
        const ratio = div(abs(normalized), clipOf(tensors, "alpha"));
        const { place, levels } = weightPlace(ratio, tensors, bits);
        const size = gather(mul(levels, mul(clipOf(tensors, "alpha"), std)), place);
        return [mul(signOf(normalized), size), normalized, std, inverse] as const;
      });
      return { y, saved };
    },
    backward(dq, saved, tensors, { bits }) {
      const [v, std, inverse] = [savedAt(saved, 0), savedAt(saved, 1), savedAt(saved, 2)];
      const { dx, ...gradients } = tidy((): Record<"dx", Tensor> & Record<string, Tensor> => {
        const clip = clipOf(tensors, "alpha");
        const ratio = div(abs(v), clip);
        const inside = cast(less(ratio, scalar(1)), "float32");
        const { place, levels, pieces } = weightPlace(ratio, tensors, bits);
        const level = gather(levels, place);
        const upstream = mul(dq, std);
        const bySize = mul(upstream, signOf(v));
        const direct = normalizeBackward(mul(upstream, inside), v, inverse);
        const throughScale = mul(v, meanOf(mul(dq, mul(signOf(v), mul(level, clip)))));
        const alpha = sumAll(mul(bySize, sub(level, mul(ratio, inside))));
        const dx = add(direct, mul(throughScale, cast(greater(inverse, scalar(0)), "float32")));
        if (pieces === null) return { dx, alpha };
        return { dx, alpha, theta: thetaGradient(mul(mul(bySize, inside), clip), ratio, place, pieces) };
      });
      return { dx, gradients };
    },
    levels(w, tensors, { bits }) {
      const levels = tidy(() => {
        const { levels } = weightPlace(scalar(0), tensors, bits);
        const scale = mul(clipOf(tensors, "alpha"), normalize(w).std);
        const places = Array.from({ length: levels.size }, (_, k) => k);
        const negative = bits === 1 ? places : places.slice(1).reverse();
        const signs = [...negative.map(() => -1), ...places.map(() => 1)];
        return mul(mul(gather(levels, tensor1d([...negative, ...places], "int32")), tensor1d(signs)), scale);
      });
      return { levels };
    },
  },
});

function options({ intervals = INTERVALS }: ResolvedOptions): QuantizerOptions {
  return { intervals };
}

function clipping(initialValue: number) {
  const bound = { at: 1e-6, effect: "the quantizer's output is nearly zero" };
  return { name: "alpha", shape: [1], initialValue, bound };
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
  const powers = exp(sub(theta, max(theta)));
  const sums = cumsum(powers) as Tensor1D;
  const total = slice(sums, [K - 1], [1]);
  const parts = div<Tensor1D>(powers, total);
  const inner = div<Tensor1D>(slice(sums, [0], [K - 1]), total);
  const lower = concat([zeros<Rank.R1>([1]), inner]);
  const expand = (values: readonly number[]) => {
    const q = tensor1d([...values]);
    const interval = countBelow(inner, q);
    const part = maximum(gather(parts, interval), scalar(SMALLEST_PART));
    const share = clipByValue(div(sub(q, gather(lower, interval)), part), 0, 1);
    const value = mul<Tensor1D>(add(share, cast(interval, "float32")), scalar(1 / K));
    return { value, expansion: div<Tensor1D>(scalar(1 / K), part) };
  };
  const { value, expansion } = expand(Array.from({ length: N + 1 }, (_, k) => k / N));
  const levels = concat([slice(value, [0], [N]), tensor1d([1])]);
  const { value: thresholds } = expand(Array.from({ length: N }, (_, k) => (k + 0.5) / N));
  return { levels, thresholds, expansion, parts };
}

/** `compander` on plain numbers, with the operations in the same order. */
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
  const inner = sums.slice(0, -1).map((sum) => f32(sum / running));
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

/** For weights: the index of the level of |v|/α; one of the bits is the sign. */
function weightPlace(ratio: Tensor, tensors: QuantizerTensors, bits: number) {
  if (bits === 1) return { place: zeros(ratio.shape, "int32"), levels: tensor1d([1]), pieces: null };
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
  const weighted = mul(flow, gather(expansion, place));
  const position = mul(clipByValue(ratio, 0, 1), scalar(K));
  const interval = clipByValue(floor(position), 0, K - 1);
  const bin = cast(interval, "int32");
  const whole = cumsum(sumByBin(bin, weighted, K), 0, true, true);
  const ofValues = add(whole, sumByBin(bin, mul(weighted, sub(position, interval)), K));
  const byLevel = reshape(sumByBin(place, weighted, levels.size), [levels.size, 1]);
  const starts = tensor1d(Array.from({ length: K }, (_, m) => m));
  const covered = clipByValue(sub(reshape(mul(levels, scalar(K)), [levels.size, 1]), starts), 0, 1);
  const byPart = sub(ofValues, sum(mul(byLevel, covered), 0));
  return mul(parts, sub(byPart, sum(mul(parts, byPart))));
}
