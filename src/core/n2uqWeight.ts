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
  scalar,
  sqrt,
  square,
  sub,
  tidy,
} from "@tensorflow/tfjs-core";
import { fused, roundSmall } from "./fused.js";
import type { WeightQuantization } from "./parameters.js";
import { steps } from "./parameters.js";
import { sumToChannels } from "./sums.js";
import type { Backward, QuantizerTensors, WeightQuantizer } from "./types.js";

/**
 * N2UQ's weight quantizer: a uniform quantizer on [-1, 1] after a rescaling by output channel (Liu et al. 2022, arXiv
 * 2111.14826, section 3.3; docs/method.md). With N = 2^bits - 1 and a channel's offset μ and scale σ:
 *
 *   Q = σ · (round((clip((W - μ)/σ, -1, 1) + 1)·N/2)·2/N - 1)
 *
 * - `entropy`: σ = γ·mean|W|, γ = N/2^(bits-1), μ = 0; constant in backward: dW = dQ/σ as in the released code;
 * - `weight-norm`: μ and σ are the channel's mean and standard deviation, constant in backward: dW = dQ/σ;
 * - `learnable-scale`: σ = |weight_scale| is learned from the entropy-preserving value on, μ = 0. With v = W/σ:
 *   dW = dQ where |v| ≤ 1, dσ = Σ dQ·(Q/σ - v where |v| ≤ 1, sign v outside), LSQ's without its factor g;
 * - `none`: σ = 1, μ = 0; dW = dQ.
 *
 * `regularizer.weight` is this project's extension: σ^weight and weight·μ take the place of σ and μ, so 1 is the paper and
 * 0 quantizes as `none` does. A channel of zeros gives zeros whatever the kind, and takes no gradient; so does a channel
 * whose σ is 0.
 */
export const n2uqWeight: WeightQuantizer = {
  name: "n2uq",
  forward(w, parameters, quantization) {
    const ready = paperAtOnce(w, quantization);
    const [y, inverse] =
      ready ??
      tidy(() => {
        const { offset, scale } = rescaling(w, parameters, quantization);
        const inverse = inverted(scale);
        const centred = offset === null ? w : sub(w, offset);
        return [uniformByColumn(centred, inverse, scale, quantization.bits), inverse] as const;
      });
    return { y, saved: [w.clone(), inverse] };
  },
  backward(dq, [w, inverse], parameters, { bits, regularizer = paper }): Backward {
    if (w === undefined || inverse === undefined) throw new RangeError("n2uq backward needs the weights");
    if (regularizer.kind !== "learnable-scale") return { dx: mul(dq, inverse), gradients: {} };
    const { dx, weight_scale } = tidy(() => {
      const scaled = mul(w, inverse);
      const inside = cast(lessEqual(abs(scaled), scalar(1)), "float32");
      const slope = sub(uniform(scaled, bits), mul(scaled, inside));
      const alive = cast(notEqual(inverse, scalar(0)), "float32");
      // d|σ|^k/dσ = k·|σ|^k/σ
      const power = mul(inverted(mul(inverse, learnedScale(parameters))), scalar(regularizer.weight));
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
};

const paper: NonNullable<WeightQuantization["regularizer"]> = { kind: "entropy", weight: 1 };

/** y and 1/σ from the engine's own kernel, where it has one and σ is the paper's. */
function paperAtOnce(w: Tensor, { bits, regularizer: { kind, weight } = paper }: WeightQuantization) {
  if (kind !== "entropy" || weight !== 1) return null;
  return fused("EntropyWeight", { w }, { steps: steps(bits), gamma: gammaOf(bits) }) as
    | [Tensor, Tensor]
    | null;
}

/** μ (null where there is none) and σ by output channel; σ = 0 where all weights are 0. */
export function rescaling(w: Tensor, parameters: QuantizerTensors, quantization: WeightQuantization) {
  const { bits, regularizer: { kind, weight } = paper } = quantization;
  const magnitude = meanMagnitude(w);
  const anyWeight = cast(greater(magnitude, scalar(0)), "float32");
  const powered = (scale: Tensor) => mul(weight === 1 ? scale : pow(scale, scalar(weight)), anyWeight);
  if (kind === "none") return { offset: null, scale: anyWeight };
  if (kind === "entropy") return { offset: null, scale: powered(entropyPreserving(magnitude, bits)) };
  if (kind === "learnable-scale") return { offset: null, scale: powered(abs(learnedScale(parameters))) };
  const mean = meanByColumn(w);
  const deviation = sqrt(meanByColumn(square(sub(w, mean))));
  return { offset: mul(mean, scalar(weight)), scale: powered(deviation) };
}

/** σ = γ·mean|W| by output channel. */
function entropyPreserving(magnitude: Tensor, bits: number): Tensor {
  return mul(magnitude, scalar(gammaOf(bits)));
}

/** γ = (2^bits - 1)/2^(bits - 1). */
function gammaOf(bits: number): number {
  return steps(bits) / 2 ** (bits - 1);
}

/** mean|W| by output channel. */
function meanMagnitude(w: Tensor): Tensor {
  return fused("MeanMagnitude", { w })?.[0] ?? meanByColumn(abs(w));
}

function learnedScale({ weight_scale }: QuantizerTensors): Tensor {
  if (weight_scale === undefined) throw new RangeError("n2uq lacks its parameter weight_scale");
  return weight_scale;
}

/** 1/σ, and 0 for σ = 0. */
function inverted(scale: Tensor): Tensor {
  const zero = cast(equal(scale, scalar(0)), "float32");
  return mul(div(scalar(1), add(scale, zero)), sub(scalar(1), zero));
}

/** σ·uniform(W/σ) by output channel, of `inverse` = 1/σ. */
function uniformByColumn(w: Tensor, inverse: Tensor, scale: Tensor, bits: number): Tensor {
  const ready = fused("UniformWeight", { w, inverse, scale }, { steps: steps(bits) });
  return ready?.[0] ?? mul(uniform(mul(w, inverse), bits), scale);
}

/** The uniform quantizer on [-1, 1] with N = 2^bits - 1 steps. */
function uniform(values: Tensor, bits: number): Tensor {
  const N = steps(bits);
  const unit = mul(add(clipByValue(values, -1, 1), scalar(1)), scalar(N / 2));
  return sub(mul(roundSmall(unit), scalar(2 / N)), scalar(1));
}

/** Of `[fan, channels]`: `[channels]`. */
function meanByColumn(values: Tensor): Tensor {
  return mul(sumToChannels(values), scalar(1 / (values.shape[0] ?? 1)));
}
