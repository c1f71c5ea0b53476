import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { f32, numberOf, roundEven, uniformCurve } from "./curve.js";
import { dorefaWeight } from "./dorefa.js";
import { clipBound, clipOf, defineQuantizer, savedAt, steps } from "./quantizer.js";
import { sumAll } from "./sums.js";

/**
 * PACT: y = round(clip(x, 0, α)·N/α)·α/N with a learned clipping value α (`clip_val`), N = 2^bits - 1.
 * dx = dy for 0 < x < α; dα = Σ dy where x ≥ α. With `variant: released`, as in the released N2UQ code, α
 * also gets the gradient Σ dy·y/α through the step size α/N. Weights are quantized as in DoReFa-Net.
 */
export const pact = defineQuantizer({
  name: "pact",
  reference: "Choi et al. 2018, arXiv 1805.06085, equations 1-3",
  activation: {
    parameters: ({ variant }) => [
      { name: "clip_val", shape: [1], initialValue: variant === "released" ? 2 : 10, bound: clipBound },
    ],
    forward(x, tensors, { bits }) {
      const y = tf.tidy(() => {
        const alpha = clipOf(tensors, "clip_val");
        return tf.mul(tf.round(levels(tf.div(x, alpha), bits)), tf.div(alpha, steps(bits)));
      });
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved, tensors, { bits, variant }) {
      const x = savedAt(saved, 0);
      const { dx, clip_val } = tf.tidy(() => {
        const ratio = tf.div(x, clipOf(tensors, "clip_val"));
        const above = tf.cast(tf.greaterEqual(ratio, 1), "float32");
        const inside = tf.cast(tf.logicalAnd(tf.greater(ratio, 0), tf.less(ratio, 1)), "float32");
        const dx = tf.mul(dy, inside);
        const dAlpha = sumAll(tf.mul(dy, above));
        if (variant !== "released") return { dx, clip_val: dAlpha };
        const unit = tf.mul(tf.round(levels(ratio, bits)), 1 / steps(bits));
        return { dx, clip_val: tf.add(dAlpha, sumAll(tf.mul(dy, unit))) };
      });
      return { dx, gradients: { clip_val } };
    },
    curve({ bits }, values) {
      const N = steps(bits);
      const alpha = f32(Math.max(numberOf(values, "clip_val"), clipBound.at));
      const indexOf = (x: number) => roundEven(f32(Math.min(1, Math.max(0, f32(x / alpha))) * N));
      return uniformCurve(N, alpha / N, indexOf, (k) => f32(k * f32(alpha / N)));
    },
  },
  weight: dorefaWeight,
});

/**
 * clip(x/α, 0, 1) in units of a step. `clipByValue` clips with numbers: tfjs's maximum and minimum of two
 * tensors are many times slower.
 */
function levels(ratio: Tensor, bits: number): Tensor {
  return tf.mul(tf.clipByValue(ratio, 0, 1), steps(bits));
}
