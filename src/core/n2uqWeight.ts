import type { Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  equal,
  fill,
  lessEqual,
  matMul,
  mul,
  pow,
  reshape,
  round,
  scalar,
  sqrt,
  square,
  sub,
  tidy,
  zeros,
} from "@tensorflow/tfjs-core";
import type { WeightQuantization } from "./parameters.js";
import { steps } from "./parameters.js";
import type { Backward, QuantizerTensors, WeightQuantizer } from "./types.js";

/**
 * N2UQ's weight quantizer: a uniform quantizer on [-1, 1] after a rescaling by output channel (Liu et al. 2022, arXiv
 * 2111.14826, section 3.3; docs/method.md). With N = 2^bits - 1 and a channel's offset μ and scale σ:
 *
 *   Q = σ · (round((clip((W - μ)/σ, -1, 1) + 1)·N/2)·2/N - 1)
 *
 * - `entropy`: σ = γ·mean|W|, γ = N/2^(bits-1), μ = 0; constant in backward: dW = dQ/σ as in the released code;
 * - `weight-norm`: μ and σ are the channel's mean and standard deviation, constant in backward;
 * - `learnable-scale`: σ is learned, starting at the entropy-preserving value; dσ as in LSQ, dW stops outside [-σ, σ];
 * - `none`: σ = 1, μ = 0.
 *
 * `regularizer.weight` is this project's extension: σ and μ are taken as σ^weight and weight·μ, so 1 is the paper and 0
 * is `none`. A channel of zeros stays zero and takes no gradient.
 */
export const n2uqWeight: WeightQuantizer = {
  name: "n2uq",
  forward(w, parameters, quantization) {
    return tidy(() => {
      const { offset, scale, inverse } = rescaling(w, parameters, quantization);
      const centred = offset === null ? w : sub(w, offset);
      const y = mul(uniform(mul(centred, inverse), quantization.bits), scale);
      return { y, saved: [w.clone(), inverse] };
    });
  },
  backward(dq, [w, inverse], _parameters, quantization): Backward {
    if (w === undefined || inverse === undefined) throw new RangeError("n2uq backward needs the weights");
    if (quantization.regularizer?.kind !== "learnable-scale") {
      return { dx: mul(dq, inverse), gradients: {} };
    }
    const { dx, weight_scale } = tidy(() => {
      const scaled = mul(w, inverse);
      const inside = cast(lessEqual(abs(scaled), scalar(1)), "float32");
      const slope = sub(uniform(scaled, quantization.bits), mul(scaled, inside));
      return { dx: mul(dq, inside), weight_scale: sumByColumn(mul(dq, slope)) };
    });
    return { dx, gradients: { weight_scale } };
  },
  initialize(w, quantization): Record<string, Tensor> {
    if (quantization.regularizer?.kind !== "learnable-scale") return {};
    const entropy = { kind: "entropy" as const, weight: quantization.regularizer.weight };
    return {
      weight_scale: tidy(() => rescaling(w, {}, { ...quantization, regularizer: entropy }).scale.clone()),
    };
  },
};

/** μ (null where there is none), σ and 1/σ by output channel; 1/0 counts as 0. */
function rescaling(w: Tensor, parameters: QuantizerTensors, { bits, regularizer }: WeightQuantization) {
  const { kind, weight } = regularizer ?? { kind: "entropy" as const, weight: 1 };
  const [fan = 1, channels = 1] = w.shape;
  const mean = (values: Tensor) => mul(sumByColumn(values), scalar(1 / fan));
  const powered = (scale: Tensor) => (weight === 1 ? scale : pow(scale, scalar(weight)));
  const withInverse = (offset: Tensor | null, scale: Tensor) => ({ offset, scale, inverse: inverted(scale) });
  if (kind === "none") return withInverse(null, fill([channels], 1));
  if (kind === "entropy") {
    const gamma = steps(bits) / 2 ** (bits - 1);
    return withInverse(null, powered(mul(mean(abs(w)), scalar(gamma))));
  }
  if (kind === "learnable-scale") return withInverse(null, parameters.weight_scale ?? zeros([channels]));
  const mu = mean(w);
  const deviation = sqrt(mean(square(sub(w, mu))));
  return withInverse(mul(mu, scalar(weight)), powered(deviation));
}

/** 1/σ, and 0 for σ = 0. */
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

/** `[fan, channels]` → `[channels]`. */
function sumByColumn(values: Tensor): Tensor {
  const [fan = 1, channels = 1] = values.shape;
  return reshape(matMul(fill([1, fan], 1), values as never), [channels]);
}
