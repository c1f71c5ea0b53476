import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ResolvedOptions, WeightQuantization } from "../graph/quantizer.js";
import type { Backward, Quantizer, QuantizerTensors } from "./quantizer.js";
import { parameterOf, savedAt, steps } from "./quantizer.js";
import { sumToChannels } from "./sums.js";

/**
 * N2UQ's weight quantizer: a uniform quantizer on [-1, 1] after rescaling each output channel (Liu et al.
 * 2022, arXiv 2111.14826, section 3.3; docs/method.md). With N = 2^bits - 1 and a channel's offset μ and
 * scale σ:
 *
 *   Q = σ · (round((clip((W - μ)/σ, -1, 1) + 1)·N/2)·2/N - 1)
 *
 * - `entropy`: σ = γ·mean|W|, γ = N/2^(bits-1), μ = 0; σ is constant in backward: dW = dQ/σ, as in the
 *   released code;
 * - `weight-norm`: μ and σ are the channel's mean and std; both are constant in backward: dW = dQ/σ;
 * - `learnable-scale`: σ = |weight_scale| is learned, with the entropy-preserving value as its initial value;
 *   μ = 0. With v = W/σ: dW = dQ where |v| ≤ 1, dσ = Σ dQ·(Q/σ - v where |v| ≤ 1, sign v outside), as in LSQ,
 *   but without LSQ's factor g;
 * - `none`: σ = 1, μ = 0; dW = dQ.
 *
 * `regularizer.weight` is this project's extension: σ^weight and weight·μ replace σ and μ, so 1 is the paper
 * and 0 equals `none`. A channel of zeros, or with σ = 0, gives zeros for every kind and has no gradient.
 */
export const n2uqWeight: Quantizer["weight"] = {
  options: ({ regularizer }) => ({ regularizer: rescalingOf(regularizer) }),
  parameters: ({ regularizer }, outChannels) =>
    regularizer?.kind === "learnable-scale"
      ? [{ name: "weight_scale", shape: [outChannels], initialValue: 1, fromFirstBatch: true }]
      : [],
  forward(w, tensors, quantization) {
    const [y, inverse] = tf.tidy(() => {
      const { offset, scale } = rescaling(w, tensors, quantization);
      const inverse = inverted(scale);
      const centered = offset === null ? w : tf.sub(w, offset);
      return [tf.mul(uniform(tf.mul(centered, inverse), quantization.bits), scale), inverse] as const;
    });
    return { y, saved: [w.clone(), inverse] };
  },
  backward(dq, saved, tensors, { bits, regularizer = paper }): Backward {
    const [w, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
    if (regularizer.kind !== "learnable-scale") return { dx: tf.mul(dq, inverse), gradients: {} };
    const { dx, weight_scale } = tf.tidy(() => {
      const scaled = tf.mul(w, inverse);
      const inside = tf.cast(tf.lessEqual(tf.abs(scaled), 1), "float32");
      const slope = tf.sub(uniform(scaled, bits), tf.mul(scaled, inside));
      const alive = tf.cast(tf.notEqual(inverse, 0), "float32");
      // d|σ|^k/dσ = k·|σ|^k/σ
      const power = tf.mul(
        inverted(tf.mul(inverse, parameterOf(tensors, "weight_scale"))),
        regularizer.weight,
      );
      return {
        dx: tf.mul(tf.mul(dq, inside), alive),
        weight_scale: tf.mul(sumToChannels(tf.mul(dq, slope)), tf.mul(power, alive)),
      };
    });
    return { dx, gradients: { weight_scale } };
  },
  initialize(w, { bits, regularizer = paper }): Record<string, Tensor> {
    if (regularizer.kind !== "learnable-scale") return {};
    return { weight_scale: tf.tidy(() => entropyPreserving(meanMagnitude(w), bits)) };
  },
  /** The levels σ·(2i/N - 1) per channel. */
  levels(w, tensors, quantization) {
    const N = steps(quantization.bits);
    const normalized = Array.from({ length: N + 1 }, (_, i) => (2 * i) / N - 1);
    const levels = tf.tidy(() => {
      const { scale } = rescaling(w, tensors, quantization);
      return tf.mul(tf.reshape(tf.tensor1d(normalized), [N + 1, 1]), tf.reshape(scale, [1, scale.size]));
    });
    return { levels, normalized };
  },
};

const paper: NonNullable<WeightQuantization["regularizer"]> = { kind: "entropy", weight: 1 };

/**
 * `regularizer.weight` 0 means no rescaling, so the kind becomes `none`; but a learnable scale stays a
 * parameter.
 */
function rescalingOf(settings: ResolvedOptions["regularizer"]): WeightQuantization["regularizer"] {
  const { kind, weight } = { ...paper, ...settings };
  const isIdle = kind === "none" || (weight === 0 && kind !== "learnable-scale");
  return isIdle ? { kind: "none", weight: 0 } : { kind, weight };
}

/** μ (null if the kind has none) and σ per output channel; σ = 0 where all weights are 0. */
function rescaling(w: Tensor, tensors: QuantizerTensors, quantization: WeightQuantization) {
  const { bits, regularizer: { kind, weight } = paper } = quantization;
  const magnitude = meanMagnitude(w);
  const anyWeight = tf.cast(tf.greater(magnitude, 0), "float32");
  const powered = (scale: Tensor) => tf.mul(weight === 1 ? scale : tf.pow(scale, weight), anyWeight);
  if (kind === "none") return { offset: null, scale: anyWeight };
  if (kind === "entropy") return { offset: null, scale: powered(entropyPreserving(magnitude, bits)) };
  if (kind === "learnable-scale")
    return { offset: null, scale: powered(tf.abs(parameterOf(tensors, "weight_scale"))) };
  const mean = meanByColumn(w);
  const std = tf.sqrt(meanByColumn(tf.square(tf.sub(w, mean))));
  return { offset: tf.mul(mean, weight), scale: powered(std) };
}

/** σ = γ·mean|W| per output channel. */
function entropyPreserving(magnitude: Tensor, bits: number): Tensor {
  return tf.mul(magnitude, gammaOf(bits));
}

/** γ = (2^bits - 1)/2^(bits - 1). */
export function gammaOf(bits: number): number {
  return steps(bits) / 2 ** (bits - 1);
}

/** mean|W| per output channel. */
function meanMagnitude(w: Tensor): Tensor {
  return meanByColumn(tf.abs(w));
}

/** 1/σ, or 0 where σ = 0. */
export function inverted(scale: Tensor): Tensor {
  const zero = tf.cast(tf.equal(scale, 0), "float32");
  return tf.mul(tf.div(1, tf.add(scale, zero)), tf.sub(1, zero));
}

/** The uniform quantizer on [-1, 1] with N = 2^bits - 1 steps. */
function uniform(values: Tensor, bits: number): Tensor {
  const N = steps(bits);
  const unit = tf.mul(tf.add(tf.clipByValue(values, -1, 1), 1), N / 2);
  return tf.sub(tf.mul(tf.round(unit), 2 / N), 1);
}

/** Maps `[fan, channels]` to `[channels]`. */
function meanByColumn(values: Tensor): Tensor {
  return tf.mul(sumToChannels(values), 1 / (values.shape[0] ?? 1));
}
