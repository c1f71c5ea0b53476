import type { Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  equal,
  greater,
  lessEqual,
  mul,
  notEqual,
  pow,
  reshape,
  round,
  scalar,
  sqrt,
  square,
  sub,
  tensor1d,
  tidy,
} from "@tensorflow/tfjs-core";
import type { ResolvedOptions, WeightQuantization } from "../graph/quantizer.js";
import type { Backward, Quantizer, QuantizerTensors } from "./quantizer.js";
import { parameterOf, savedAt, steps } from "./quantizer.js";
import { sumToChannels } from "./sums.js";

/**
 * N2UQ's weight quantizer: a uniform quantizer on [-1, 1] after rescaling each output channel (Liu et al. 2022, arXiv
 * 2111.14826, section 3.3; docs/method.md). With N = 2^bits - 1 and a channel's offset μ and scale σ:
 *
 *   Q = σ · (round((clip((W - μ)/σ, -1, 1) + 1)·N/2)·2/N - 1)
 *
 * - `entropy`: σ = γ·mean|W|, γ = N/2^(bits-1), μ = 0; constant in backward: dW = dQ/σ as in the released code;
 * - `weight-norm`: μ and σ are the channel's mean and standard deviation, constant in backward: dW = dQ/σ;
 * - `learnable-scale`: σ = |weight_scale| is learned, initially the entropy-preserving value; μ = 0. With v = W/σ:
 *   dW = dQ where |v| ≤ 1, dσ = Σ dQ·(Q/σ - v where |v| ≤ 1, sign v outside), LSQ's without its factor g;
 * - `none`: σ = 1, μ = 0; dW = dQ.
 *
 * `regularizer.weight` is this project's extension: σ^weight and weight·μ replace σ and μ, so 1 is the paper and
 * 0 equals `none`. A channel of zeros, or with σ = 0, gives zeros for every kind and has no gradient.
 */
export const n2uqWeight: Quantizer["weight"] = {
  options: ({ regularizer }) => ({ regularizer: rescalingOf(regularizer) }),
  parameters: ({ regularizer }, outChannels) =>
    regularizer?.kind === "learnable-scale"
      ? [{ name: "weight_scale", shape: [outChannels], initialValue: 1, fromFirstBatch: true }]
      : [],
  forward(w, tensors, quantization) {
    const [y, inverse] = tidy(() => {
      const { offset, scale } = rescaling(w, tensors, quantization);
      const inverse = inverted(scale);
      const centered = offset === null ? w : sub(w, offset);
      return [mul(uniform(mul(centered, inverse), quantization.bits), scale), inverse] as const;
    });
    return { y, saved: [w.clone(), inverse] };
  },
  backward(dq, saved, tensors, { bits, regularizer = paper }): Backward {
    const [w, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
    if (regularizer.kind !== "learnable-scale") return { dx: mul(dq, inverse), gradients: {} };
    const { dx, weight_scale } = tidy(() => {
      const scaled = mul(w, inverse);
      const inside = cast(lessEqual(abs(scaled), scalar(1)), "float32");
      const slope = sub(uniform(scaled, bits), mul(scaled, inside));
      const alive = cast(notEqual(inverse, scalar(0)), "float32");
      // d|σ|^k/dσ = k·|σ|^k/σ
      const power = mul(
        inverted(mul(inverse, parameterOf(tensors, "weight_scale"))),
        scalar(regularizer.weight),
      );
      return {
        dx: mul(mul(dq, inside), alive),
        weight_scale: mul(sumToChannels(mul(dq, slope)), mul(power, alive)),
      };
    });
    return { dx, gradients: { weight_scale } };
  },
  initialize(w, { bits, regularizer = paper }): Record<string, Tensor> {
    if (regularizer.kind !== "learnable-scale") return {};
    return { weight_scale: tidy(() => entropyPreserving(meanMagnitude(w), bits)) };
  },
  /** The levels σ·(2i/N - 1) per channel. */
  levels(w, tensors, quantization) {
    const N = steps(quantization.bits);
    const normalized = Array.from({ length: N + 1 }, (_, i) => (2 * i) / N - 1);
    const levels = tidy(() => {
      const { scale } = rescaling(w, tensors, quantization);
      return mul(reshape(tensor1d(normalized), [N + 1, 1]), reshape(scale, [1, scale.size]));
    });
    return { levels, normalized };
  },
};

const paper: NonNullable<WeightQuantization["regularizer"]> = { kind: "entropy", weight: 1 };

/** A weight of 0 means no rescaling, except that a learnable scale stays a parameter. */
function rescalingOf(settings: ResolvedOptions["regularizer"]): WeightQuantization["regularizer"] {
  const { kind, weight } = { ...paper, ...settings };
  const isIdle = kind === "none" || (weight === 0 && kind !== "learnable-scale");
  return isIdle ? { kind: "none", weight: 0 } : { kind, weight };
}

/** μ (null if the kind has none) and σ per output channel; σ = 0 where all weights are 0. */
function rescaling(w: Tensor, tensors: QuantizerTensors, quantization: WeightQuantization) {
  const { bits, regularizer: { kind, weight } = paper } = quantization;
  const magnitude = meanMagnitude(w);
  const anyWeight = cast(greater(magnitude, scalar(0)), "float32");
  const powered = (scale: Tensor) => mul(weight === 1 ? scale : pow(scale, scalar(weight)), anyWeight);
  if (kind === "none") return { offset: null, scale: anyWeight };
  if (kind === "entropy") return { offset: null, scale: powered(entropyPreserving(magnitude, bits)) };
  if (kind === "learnable-scale")
    return { offset: null, scale: powered(abs(parameterOf(tensors, "weight_scale"))) };
  const mean = meanByColumn(w);
  const std = sqrt(meanByColumn(square(sub(w, mean))));
  return { offset: mul(mean, scalar(weight)), scale: powered(std) };
}

/** σ = γ·mean|W| per output channel. */
function entropyPreserving(magnitude: Tensor, bits: number): Tensor {
  return mul(magnitude, scalar(gammaOf(bits)));
}

/** γ = (2^bits - 1)/2^(bits - 1). */
export function gammaOf(bits: number): number {
  return steps(bits) / 2 ** (bits - 1);
}

/** mean|W| per output channel. */
function meanMagnitude(w: Tensor): Tensor {
  return meanByColumn(abs(w));
}

/** 1/σ, or 0 where σ = 0. */
function inverted(scale: Tensor): Tensor {
  const zero = cast(equal(scale, scalar(0)), "float32");
  return mul(div(scalar(1), add(scale, zero)), sub(scalar(1), zero));
}

/** The uniform quantizer on [-1, 1] with N = 2^bits - 1 steps. */
function uniform(values: Tensor, bits: number): Tensor {
  const N = steps(bits);
  const unit = mul(add(clipByValue(values, -1, 1), scalar(1)), scalar(N / 2));
  return sub(mul(round(unit), scalar(2 / N)), scalar(1));
}

/** Maps `[fan, channels]` to `[channels]`. */
function meanByColumn(values: Tensor): Tensor {
  return mul(sumToChannels(values), scalar(1 / (values.shape[0] ?? 1)));
}
