import type { Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  cast,
  div,
  gather,
  greater,
  greaterEqual,
  lessEqual,
  logicalAnd,
  maximum,
  mul,
  scalar,
  sqrt,
  square,
  sub,
  tensor1d,
  tidy,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { countBelow } from "./binned.js";
import { curveOf, f32, numberOf } from "./curve.js";
import { defineQuantizer, parameterOf, type QuantizerTensors, savedAt } from "./quantizer.js";
import { sumAll } from "./sums.js";

/** Lower bound of α: at 0 the quantizer would have no levels. */
const SMALLEST_CLIP = 1e-6;
const bound = { at: SMALLEST_CLIP, effect: "the quantizer's output is nearly zero" };

/**
 * Additive Powers-of-Two: levels are sums of powers of two, k = 2 bits a term, in units of a learned clipping value α.
 *
 * - Levels of B bits: all sums of one number of each of n = ⌊B/2⌋ sets {0, 2^-i, 2^-(i+n), 2^-(i+2n)}, i = 0 … n-1,
 *   divided by the largest sum. An odd B has one more set, {0, 2^-2n}, and 2^-(i+2n+1) in place of 2^-(i+2n).
 * - Π(v) is the nearest level, the lower one in the middle of two. Activations: y = α·Π(clip(x/α, 0, 1)) with levels of `bits` bits.
 *   Weights: v = (w - μ)/σ with the layer's mean and std, Q = α·sign(v)·Π(clip(|v|/α, 0, 1)) with levels of bits - 1 bits.
 * - Backward, straight through Π (the reparameterized clipping function): dv = dQ where |v| ≤ α, else 0;
 *   dα = Σ dQ·(Π(v/α) - v/α inside, sign v outside). The normalization takes part:
 *   dw = (dv - mean(dv) - v·mean(dv·v))/σ.
 *
 * One bit of activations gives 0 and α, one bit of weights -α and α, two bits of weights -α, 0 and α. A layer whose weights are
 * all equal gives zeros and takes no gradient.
 */
export const apot = defineQuantizer({
  name: "apot",
  reference: "Li et al. 2020, arXiv 1909.13144, section 2",
  activation: {
    parameters: () => [{ name: "act_alpha", shape: [1], initialValue: 6, bound }],
    forward(x, tensors, { bits }) {
      const y = tidy(() => {
        const alpha = clipOf(tensors, "act_alpha");
        return nearest(div(x, alpha), additivePowers(bits), alpha);
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits }) {
      const x = savedAt(saved, 0);
      const { dx, act_alpha } = tidy(() => {
        const ratio = div(x, clipOf(tensors, "act_alpha"));
        const inside = cast(
          logicalAnd(greaterEqual(ratio, scalar(0)), lessEqual(ratio, scalar(1))),
          "float32",
        );
        const slope = sub(nearest(ratio, additivePowers(bits)), mul(ratio, inside));
        return { dx: mul(dy, inside), act_alpha: sumAll(mul(dy, slope)) };
      });
      return { dx, gradients: { act_alpha } };
    },
    curve({ bits }, values) {
      const alpha = f32(Math.max(numberOf(values, "act_alpha"), f32(SMALLEST_CLIP)));
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
    parameters: () => [{ name: "weight_alpha", shape: [1], initialValue: 3, bound }],
    forward(w, tensors, { bits }) {
      const [y, normalized, inverse] = tidy(() => {
        const { normalized, inverse, alive } = normalize(w);
        const alpha = clipOf(tensors, "weight_alpha");
        const size = nearest(div(abs(normalized), alpha), magnitudes(bits), mul(alpha, alive));
        return [mul(signOf(normalized), size), normalized, inverse] as const;
      });
      return { y, saved: [normalized, inverse] };
    },
    backward(dq, saved, tensors, { bits }) {
      const [normalized, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
      const { dx, weight_alpha } = tidy(() => {
        const ratio = div(abs(normalized), clipOf(tensors, "weight_alpha"));
        const inside = cast(lessEqual(ratio, scalar(1)), "float32");
        const slope = sub(nearest(ratio, magnitudes(bits)), mul(ratio, inside));
        const alive = cast(greater(inverse, scalar(0)), "float32");
        return {
          dx: normalizeBackward(mul(dq, inside), normalized, inverse),
          weight_alpha: mul(sumAll(mul(dq, mul(signOf(normalized), slope))), alive),
        };
      });
      return { dx, gradients: { weight_alpha } };
    },
    levels(w, tensors, { bits }) {
      const signed = bothSigns(magnitudes(bits));
      return {
        levels: tidy(() => mul(tensor1d(signed), mul(clipOf(tensors, "weight_alpha"), normalize(w).alive))),
      };
    },
  },
});

/** Weights with mean 0 and std 1, 1/σ, and a float32 flag: 0 where all weights are equal, else 1. */
export function normalize(w: Tensor) {
  const mean = meanOf(w);
  const centered = sub(w, mean);
  const std = sqrt(meanOf(square(centered)));
  const alive = cast(greater(std, mul(abs(mean), scalar(1e-5))), "float32");
  const inverse = mul(alive, div(scalar(1), add(std, sub(scalar(1), alive))));
  return { normalized: mul(centered, inverse), std: mul(std, alive), inverse, alive };
}

/** Maps gradients of normalized weights `v` to gradients of the weights: (dv - mean(dv) - v·mean(dv·v))/σ. */
export function normalizeBackward(dv: Tensor, v: Tensor, inverse: Tensor): Tensor {
  return mul(inverse, sub(sub(dv, meanOf(dv)), mul(v, meanOf(mul(dv, v)))));
}

/** The mean of all values, `[1]`. */
export function meanOf(values: Tensor): Tensor {
  return mul(sumAll(values), scalar(1 / values.size));
}

/** 1 for v ≥ 0, else -1, because one bit of weights has no third level. */
export function signOf(v: Tensor): Tensor {
  return sub(mul(cast(greaterEqual(v, scalar(0)), "float32"), scalar(2)), scalar(1));
}

/** α, at least 1e-6. */
export function clipOf(tensors: QuantizerTensors, name: string): Tensor {
  return maximum(parameterOf(tensors, name), scalar(SMALLEST_CLIP));
}

/**
 * All sums of one number per set, ascending, in float32, divided by the largest; for 0 bits only the largest.
 */
function additivePowers(bits: number): number[] {
  const n = Math.floor(bits / 2);
  const odd = bits % 2;
  const sets = Array.from({ length: n }, (_, i) => [0, -i, -(i + n), -(i + 2 * n + odd)]).map(
    ([_, ...exponents]) => [0, ...exponents.map((exponent) => 2 ** exponent)],
  );
  if (odd === 1) sets.push([0, 2 ** (-2 * n)]);
  if (sets.length === 0) return [1];
  const sums = sets.reduce((sums, set) => sums.flatMap((sum) => set.map((term) => sum + term)), [0]);
  const largest = Math.max(...sums);
  return sums.sort((a, b) => a - b).map((sum) => f32(sum / largest));
}

/** Bits of the magnitude of weights: the sign takes one of `bits` bits. */
const magnitudes = (bits: number) => additivePowers(bits - 1);

/** Thresholds between neighboring levels, in float32. */
function middles(levels: readonly number[]): number[] {
  return levels.slice(1).map((level, k) => f32((level + (levels[k] ?? 0)) / 2));
}

/** The levels with their negatives before them; 0 appears once. */
function bothSigns(levels: readonly number[]): number[] {
  return [...levels.filter((level) => level !== 0).map((level) => -level)].reverse().concat(levels);
}

/** The level nearest to each ratio, times `scale`; at a midpoint the lower level. */
function nearest(ratio: Tensor, levels: readonly number[], scale?: Tensor): Tensor {
  const units = tensor1d([...levels]);
  const scaled = scale === undefined ? units : mul(units, scale);
  if (levels.length === 1) return add(zerosLike(ratio), scaled);
  return gather(scaled, countBelow(tensor1d(middles(levels)), ratio));
}
