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
  ones,
  scalar,
  square,
  sub,
  tanh,
  tidy,
} from "@tensorflow/tfjs-core";
import { roundSmall } from "./fused.js";
import { steps } from "./parameters.js";
import type { ActivationQuantizer, WeightQuantizer } from "./types.js";
import { uniformBackward, uniformForward } from "./uniform.js";

/** DoReFa-Net's activations (Zhou et al. 2016, arXiv 1606.06160, equation 11): clip(x, 0, 1) on N = 2^bits - 1 steps, STE. */
export const dorefaActivation: ActivationQuantizer = {
  name: "dorefa",
  forward(x, _parameters, { bits }) {
    const N = steps(bits);
    const y = tidy(
      () =>
        uniformForward(x, ones([1]), rangeOf(N)) ??
        mul(roundSmall(mul(clipByValue(x, 0, 1), scalar(N))), scalar(1 / N)),
    );
    return { y, saved: [x.clone()] };
  },
  backward(dy, [x], _parameters, { bits }) {
    if (x === undefined) throw new RangeError("dorefa backward needs what was quantized");
    const dx = tidy(
      () =>
        uniformBackward(dy, x, ones([1]), rangeOf(steps(bits)))?.[0] ??
        mul(dy, cast(logicalAnd(greaterEqual(x, scalar(0)), lessEqual(x, scalar(1))), "float32")),
    );
    return { dx, gradients: {} };
  },
};

const rangeOf = (N: number) => ({ low: 0, high: 1, k: N, closed: true });

/**
 * DoReFa-Net's weights (equation 9): t = tanh(W)/(2·max|tanh W|) + ½, Q = 2·round(t·N)/N - 1; the maximum over the layer
 * is constant in backward: dW = dQ·(1 - tanh²W)/max|tanh W|. A layer of zeros stays zero.
 */
export const dorefaWeight: WeightQuantizer = {
  name: "dorefa",
  forward(w, _parameters, { bits }) {
    const N = steps(bits);
    return tidy(() => {
      const t = tanh(w);
      const largest = max(abs(t));
      const empty = cast(equal(largest, scalar(0)), "float32");
      const inverse = mul(div(scalar(1), add(largest, empty)), sub(scalar(1), empty));
      const unit = add(mul(t, mul(inverse, scalar(0.5))), scalar(0.5));
      const q = sub(mul(roundSmall(mul(unit, scalar(N))), scalar(2 / N)), scalar(1));
      return { y: mul(q, sub(scalar(1), empty)), saved: [t, inverse] };
    });
  },
  backward(dq, [t, inverse]) {
    if (t === undefined || inverse === undefined) throw new RangeError("dorefa backward needs tanh W");
    const dx = tidy(() => mul(dq, mul(sub(scalar(1), square(t)), inverse)));
    return { dx, gradients: {} };
  },
};
