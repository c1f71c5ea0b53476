import * as tf from "@tensorflow/tfjs-core";
import { f32, roundEven, uniformCurve } from "./curve.js";
import { defineQuantizer, type Quantizer, savedAt, steps } from "./quantizer.js";

/**
 * DoReFa-Net's weights: t = tanh(W)/(2·max|tanh W|) + ½, Q = 2·round(t·N)/N - 1. Backward treats the maximum
 * over the layer as a constant: dW = dQ·(1 - tanh²W)/max|tanh W|. A layer of zeros stays zero.
 */
export const dorefaWeight: Quantizer["weight"] = {
  parameters: () => [],
  forward(w, _tensors, { bits }) {
    const N = steps(bits);
    return tf.tidy(() => {
      const t = tf.tanh(w);
      const largest = tf.max(tf.abs(t));
      const empty = tf.cast(tf.equal(largest, 0), "float32");
      const inverse = tf.mul(tf.div(1, tf.add(largest, empty)), tf.sub(1, empty));
      const unit = tf.add(tf.mul(t, tf.mul(inverse, 0.5)), 0.5);
      const q = tf.sub(tf.mul(tf.round(tf.mul(unit, N)), 2 / N), 1);
      return { y: tf.mul(q, tf.sub(1, empty)), saved: [t, inverse] };
    });
  },
  backward(dq, saved) {
    const [t, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
    return {
      dx: tf.tidy(() => tf.mul(dq, tf.mul(tf.sub(1, tf.square(t)), inverse))),
      gradients: {},
    };
  },
  /** The levels 2i/N - 1, independent of the weights. */
  levels(_w, _tensors, { bits }) {
    const N = steps(bits);
    return { levels: tf.tensor1d(Array.from({ length: N + 1 }, (_, i) => f32(f32(i * f32(2 / N)) - 1))) };
  },
};

/**
 * DoReFa-Net's activations: y = round(clip(x, 0, 1)·N)/N, N = 2^bits - 1; dx = dy where 0 ≤ x ≤ 1, else 0.
 */
export const dorefa = defineQuantizer({
  name: "dorefa",
  reference: "Zhou et al. 2016, arXiv 1606.06160, equations 9 and 11",
  activation: {
    parameters: () => [],
    forward(x, _tensors, { bits }) {
      const N = steps(bits);
      const y = tf.tidy(() => tf.mul(tf.round(tf.mul(tf.clipByValue(x, 0, 1), N)), 1 / N));
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved) {
      const x = savedAt(saved, 0);
      const dx = tf.tidy(() => {
        const inside = tf.logicalAnd(tf.greaterEqual(x, 0), tf.lessEqual(x, 1));
        return tf.mul(dy, tf.cast(inside, "float32"));
      });
      return { dx, gradients: {} };
    },
    curve({ bits }) {
      const N = steps(bits);
      const indexOf = (x: number) => roundEven(f32(Math.min(1, Math.max(0, x)) * N));
      return uniformCurve(N, 1 / N, indexOf, (k) => f32(k * f32(1 / N)));
    },
  },
  weight: dorefaWeight,
});
