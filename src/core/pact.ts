import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clipByValue,
  div,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  mul,
  round,
  scalar,
  tidy,
} from "@tensorflow/tfjs-core";
import { f32, numberOf, roundEven, uniformCurve } from "./curve.js";
import { dorefaWeight } from "./dorefa.js";
import { defineQuantizer, parameterOf, type QuantizerTensors, savedAt, steps } from "./quantizer.js";
import { sumAll } from "./sums.js";

/** Lower bound of α: at 0 the quantizer would have no levels. */
const SMALLEST_CLIP = 1e-6;

/**
 * PACT: y = round(clip(x, 0, α)·N/α)·α/N with a learned clipping value α (`clip_val`), N = 2^bits - 1. dx = dy for 0 < x < α;
 * dα = Σ dy where x ≥ α. With `variant: released`, as in the released N2UQ code, α also gets the gradient Σ dy·y/α through the step size α/N. Weights are DoReFa's.
 */
export const pact = defineQuantizer({
  name: "pact",
  reference: "Choi et al. 2018, arXiv 1805.06085, equations 1-3",
  activation: {
    parameters: ({ variant }) => [
      {
        name: "clip_val",
        shape: [1],
        initialValue: variant === "released" ? 2 : 10,
        bound: { at: SMALLEST_CLIP, effect: "the quantizer's output is nearly zero" },
      },
    ],
    forward(x, tensors, { bits }) {
      const y = tidy(() => {
        const alpha = clipOf(tensors);
        return mul(round(levels(div(x, alpha), bits)), div(alpha, scalar(steps(bits))));
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits, variant }) {
      const x = savedAt(saved, 0);
      const { dx, clip_val } = tidy(() => {
        const ratio = div(x, clipOf(tensors));
        const above = cast(greaterEqual(ratio, scalar(1)), "float32");
        const inside = cast(logicalAnd(greater(ratio, scalar(0)), less(ratio, scalar(1))), "float32");
        const dx = mul(dy, inside);
        const dAlpha = sumAll(mul(dy, above));
        if (variant !== "released") return { dx, clip_val: dAlpha };
        const unit = mul(round(levels(ratio, bits)), scalar(1 / steps(bits)));
        return { dx, clip_val: add(dAlpha, sumAll(mul(dy, unit))) };
      });
      return { dx, gradients: { clip_val } };
    },
    curve({ bits }, values) {
      const N = steps(bits);
      const alpha = f32(Math.max(numberOf(values, "clip_val"), SMALLEST_CLIP));
      const indexOf = (x: number) => roundEven(f32(Math.min(1, Math.max(0, f32(x / alpha))) * N));
      return uniformCurve(N, alpha / N, indexOf, (k) => f32(k * f32(alpha / N)));
    },
  },
  weight: dorefaWeight,
});

/**
 * clip(x/α, 0, 1) in units of a step. Clips with numbers, because tfjs's maximum and minimum of two tensors
 * are many times slower.
 */
function levels(ratio: Tensor, bits: number): Tensor {
  return mul(clipByValue(ratio, 0, 1), scalar(steps(bits)));
}

/** α, at least 1e-6. */
export function clipOf(tensors: QuantizerTensors): Tensor {
  return maximum(parameterOf(tensors, "clip_val"), scalar(SMALLEST_CLIP));
}
