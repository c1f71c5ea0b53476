import type { Tensor } from "@tensorflow/tfjs-core";
import { fill, mul, reshape, scalar, tidy } from "@tensorflow/tfjs-core";
import { stepOf } from "./lsq.js";
import { rescaling } from "./n2uqWeight.js";
import type { QuantizationMethod, WeightQuantization } from "./parameters.js";
import { steps } from "./parameters.js";
import type { QuantizerTensors } from "./types.js";

/**
 * The levels that a layer's quantized weights can have: level i is `(i + lowest)·step` of its output channel, i = 0 … N.
 * A channel whose step is 0 (all its weights are 0) has no levels.
 */
export interface WeightLevels {
  /** `[channels]`, owned by the caller. */
  readonly step: Tensor;
  readonly lowest: number;
  /** What `step` is multiplied with to give the unit in which levels are shown: 1, or the channel's scale σ. */
  readonly unit: number;
}

/** The levels of a layer's weights `w [fan, channels]`. */
export function weightLevels(
  w: Tensor,
  parameters: QuantizerTensors,
  quantization: WeightQuantization,
): WeightLevels {
  const N = steps(quantization.bits);
  const channels = w.shape[1] ?? 1;
  return levels[quantization.method](w, parameters, quantization, N, channels);
}

type Levels = (
  w: Tensor,
  parameters: QuantizerTensors,
  quantization: WeightQuantization,
  N: number,
  channels: number,
) => WeightLevels;

/** DoReFa's levels 2i/N - 1 are the same whatever the weights. */
const dorefa: Levels = (_w, _parameters, _quantization, N, channels) => ({
  step: fill([channels], 2 / N),
  lowest: -N / 2,
  unit: 1,
});

const levels = {
  n2uq: (w, parameters, quantization, N, channels) => ({
    step: tidy(() => {
      const { scale } = rescaling(w, parameters, quantization);
      return reshape(mul(scale, scalar(2 / N)), [channels]);
    }),
    lowest: -N / 2,
    unit: 2 / N,
  }),
  lsq: (_w, parameters, { bits }, _N, channels) => ({
    step: tidy(() => mul(fill([channels], 1), stepOf(parameters))),
    lowest: -(2 ** (bits - 1)),
    unit: 1,
  }),
  pact: dorefa,
  dorefa,
} satisfies Record<QuantizationMethod, Levels>;
