import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  equal,
  greaterEqual,
  lessEqual,
  logicalAnd,
  max,
  mul,
  round,
  scalar,
  square,
  sub,
  tanh,
  tensor1d,
  tidy,
} from "@tensorflow/tfjs-core";
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
    return tidy(() => {
      const t = tanh(w);
      const largest = max(abs(t));
      const empty = cast(equal(largest, scalar(0)), "float32");
      const inverse = mul(div(scalar(1), add(largest, empty)), sub(scalar(1), empty));
      const unit = add(mul(t, mul(inverse, scalar(0.5))), scalar(0.5));
      const q = sub(mul(round(mul(unit, scalar(N))), scalar(2 / N)), scalar(1));
      return { y: mul(q, sub(scalar(1), empty)), saved: [t, inverse] };
    });
  },
  backward(dq, saved) {
    const [t, inverse] = [savedAt(saved, 0), savedAt(saved, 1)];
    return { dx: tidy(() => mul(dq, mul(sub(scalar(1), square(t)), inverse))), gradients: {} };
  },
  /** The levels 2i/N - 1, independent of the weights. */
  levels(_w, _tensors, { bits }) {
    const N = steps(bits);
    return { levels: tensor1d(Array.from({ length: N + 1 }, (_, i) => f32(f32(i * f32(2 / N)) - 1))) };
  },
};

/** DoReFa-Net's activations: clip(x, 0, 1) on N = 2^bits - 1 steps with the straight-through estimator. */
export const dorefa = defineQuantizer({
  name: "dorefa",
  reference: "Zhou et al. 2016, arXiv 1606.06160, equations 9 and 11",
  activation: {
    parameters: () => [],
    forward(x, _tensors, { bits }) {
      const N = steps(bits);
      const y = tidy(() => mul(round(mul(clipByValue(x, 0, 1), scalar(N))), scalar(1 / N)));
      return { y, saved: [x.clone()] };
    },
    backward(dy, saved) {
      const x = savedAt(saved, 0);
      const dx = tidy(() => {
        const inside = logicalAnd(greaterEqual(x, scalar(0)), lessEqual(x, scalar(1)));
        return mul(dy, cast(inside, "float32"));
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
