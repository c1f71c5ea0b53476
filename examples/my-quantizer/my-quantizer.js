/**
 * A custom quantizer: uniform levels over a range that is not learned. Activations are quantized over [0,
 * clip], the weights of a layer over [-s, s] with s = max|w|.
 */
import { definePlugin, defineQuantizer } from "n2uq";
import { f32, roundEven, savedAt, steps, tf, uniformCurve } from "n2uq/core";

const {
  abs,
  add,
  cast,
  clipByValue,
  div,
  greaterEqual,
  lessEqual,
  logicalAnd,
  max,
  mul,
  round,
  scalar,
  sub,
} = tf;

/** Lower bound of s: the range of a layer whose weights are all zero. */
const SMALLEST = 1e-8;

const minmax = defineQuantizer({
  name: "minmax",
  reference: "Krishnamoorthi 2018, arXiv 1806.08342, section 2.1",
  activation: {
    // Selects the experiment's options that this side uses. Omit the function if it uses none.
    options: ({ clip }) => (clip === undefined ? {} : { clip }),
    parameters: () => [],
    // y = round(min(max(x, 0), clip)·N/clip)·clip/N, N = 2^bits - 1.
    forward(x, _parameters, { bits, clip }) {
      const N = steps(bits);
      const y = tf.tidy(() => mul(round(mul(clipByValue(x, 0, clip), scalar(N / clip))), scalar(clip / N)));
      return { y, saved: [x.clone()] };
    },
    // The straight-through estimator: dx = dy inside the range.
    backward(dy, saved, _parameters, { clip }) {
      const x = savedAt(saved, 0);
      const dx = tf.tidy(() =>
        mul(dy, cast(logicalAnd(greaterEqual(x, scalar(0)), lessEqual(x, scalar(clip))), "float32")),
      );
      return { dx, gradients: {} };
    },
    // The thresholds and levels of `forward` in float32, for reports.
    curve({ bits, clip }) {
      const N = steps(bits);
      const up = f32(N / clip);
      const down = f32(clip / N);
      const indexOf = (x) => roundEven(f32(Math.min(f32(clip), Math.max(0, x)) * up));
      return uniformCurve(N, down, indexOf, (k) => f32(k * down));
    },
  },
  weight: {
    parameters: () => [],
    // q = s·(2·round((w/s + 1)/2·N)/N - 1), s = max|w|.
    forward(w, _parameters, { bits }) {
      const N = steps(bits);
      const y = tf.tidy(() => {
        const s = scaleOf(w);
        const index = round(mul(add(div(w, s), scalar(1)), scalar(N / 2)));
        return mul(sub(mul(index, scalar(2 / N)), scalar(1)), s);
      });
      return { y, saved: [] };
    },
    // All weights are inside the range: dw = dq.
    backward: (dq) => ({ dx: dq.clone(), gradients: {} }),
    levels(w, _parameters, { bits }) {
      const N = steps(bits);
      const units = Array.from({ length: N + 1 }, (_, k) => f32(f32(k * f32(2 / N)) - 1));
      return { levels: tf.tidy(() => mul(tf.tensor1d(units), scaleOf(w))) };
    },
  },
});

/** s = max|w|, at least 1e-8. */
function scaleOf(w) {
  return tf.maximum(max(abs(w)), scalar(SMALLEST));
}

export default definePlugin({
  name: "my-quantizer",
  parts: [
    {
      table: "quantizers",
      part: minmax,
      // The description for `n2uq plan`, error messages and editors.
      fragment: {
        description: "Uniform levels over a fixed range (Krishnamoorthi 2018).",
        properties: {
          clip: {
            description: "Activations above this are clipped (of minmax only).",
            type: "number",
            minimum: 0.25,
            maximum: 64,
            default: 4,
            examples: [4],
            "x-short-name": "clip",
          },
        },
      },
    },
  ],
});
