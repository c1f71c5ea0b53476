import type { Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  cast,
  clipByValue,
  div,
  greaterEqual,
  lessEqual,
  logicalAnd,
  maximum,
  mul,
  reshape,
  scalar,
  slice,
  sub,
  tidy,
} from "@tensorflow/tfjs-core";
import { roundSmall } from "./fused.js";
import { SMALLEST_STEP } from "./parameters.js";
import { sumAll } from "./sums.js";
import type { ActivationQuantizer, Backward, Forward, QuantizerTensors, WeightQuantizer } from "./types.js";
import { uniformBackward, uniformForward } from "./uniform.js";

interface Range {
  /** -Qn and Qp. */
  readonly low: number;
  readonly high: number;
}

const unsigned = (bits: number): Range => ({ low: 0, high: 2 ** bits - 1 });
const signed = (bits: number): Range => ({ low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 });

/**
 * LSQ (Esser et al. 2020, arXiv 1902.08153, equations 1–3 and section 2.2): q = round(clip(v/s, -Qn, Qp))·s with a learned
 * step s. dv = dq inside the range; ds = g·Σ dq·(round(v/s) - v/s inside, -Qn or Qp outside), g = 1/√(numel·Qp);
 * s₀ = 2·mean|v|/√Qp. One bit of weights has Qp = 0; 1 stands in for it in both square roots.
 */
export const lsqActivation: ActivationQuantizer = {
  name: "lsq",
  forward: (x, parameters, { bits }) => forward(x, parameters, unsigned(bits)),
  backward: (dy, saved, parameters, { bits }, world) =>
    backward(dy, saved, parameters, unsigned(bits), world),
  initialize: (x, { bits }) => initialize(x, unsigned(bits)),
};

/** LSQ of weights: signed levels -2^(bits-1) … 2^(bits-1) - 1. */
export const lsqWeight: WeightQuantizer = {
  name: "lsq",
  forward: (w, parameters, { bits }) => forward(w, parameters, signed(bits)),
  backward: (dq, saved, parameters, { bits }) => backward(dq, saved, parameters, signed(bits)),
  initialize: (w, { bits }) => initialize(w, signed(bits)),
};

function forward(v: Tensor, parameters: QuantizerTensors, { low, high }: Range): Forward {
  const y = tidy(() => {
    const step = stepOf(parameters);
    const ready = uniformForward(v, step, { low, high, k: 1, closed: true });
    return ready ?? mul(roundSmall(clipByValue(div(v, step), low, high)), step);
  });
  return { y, saved: [v.clone()] };
}

function backward(
  dq: Tensor,
  [v]: readonly Tensor[],
  parameters: QuantizerTensors,
  { low, high }: Range,
  world = 1,
): Backward {
  if (v === undefined) throw new RangeError("lsq backward needs what was quantized");
  const { dx, step } = tidy(() => {
    const g = 1 / Math.sqrt(v.size * world * Math.max(1, high));
    const size = stepOf(parameters);
    const ready = uniformBackward(dq, v, size, { low, high, k: 1, closed: true });
    if (ready !== null) return { dx: ready[0], step: mul(slice(ready[1], [0], [1]), scalar(g)) };
    const scaled = div(v, size);
    const inside = cast(
      logicalAnd(greaterEqual(scaled, scalar(low)), lessEqual(scaled, scalar(high))),
      "float32",
    );
    const slope = sub(roundSmall(clipByValue(scaled, low, high)), mul(scaled, inside));
    return { dx: mul(dq, inside), step: mul(sumAll(mul(dq, slope)), scalar(g)) };
  });
  return { dx, gradients: { step } };
}

function initialize(v: Tensor, { high }: Range): Record<string, Tensor> {
  const factor = 2 / (v.size * Math.sqrt(Math.max(1, high)));
  return { step: tidy(() => reshape(mul(sumAll(abs(v)), scalar(factor)), [1])) };
}

export function stepOf({ step }: QuantizerTensors): Tensor {
  if (step === undefined) throw new RangeError("lsq lacks its parameter step");
  return maximum(step, scalar(SMALLEST_STEP));
}
