import { add, fill, mul, ones, scalar, slice, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { dorefaWeight as plainDorefaWeight } from "../../../core/dorefa.js";
import { gradientScale, type Range, signed, stepOf, unsigned } from "../../../core/lsq.js";
import { lsqPlus } from "../../../core/lsqPlus.js";
import type { Backward, Forward, QuantizerTensors } from "../../../core/quantizer.js";
import { clipOf, parameterOf, savedAt, steps } from "../../../core/quantizer.js";
import type { SideOverrides } from "../../../overrides.js";
import { one, several } from "../../overrides/kernel.js";
import { withActivationCodes, withWeightCodes } from "./codes.js";

type Activation = NonNullable<SideOverrides["activation"]>;

/**
 * With v = x/d: y = round(clip(v, low, high)·k)·d/k. `closed` is true if low and high themselves are inside
 * the range.
 */
interface UniformRange extends Range {
  readonly k: number;
  readonly closed: boolean;
}

function quantized(x: Tensor, divisor: Tensor, range: UniformRange): Tensor {
  return one("UniformQuantize", { x, divisor }, { ...range });
}

/**
 * Returns dx (dy inside the range, else 0) and three sums `[3]`: Σdy·(round(clip(v)·k)/k - v inside), Σdy
 * where v ≥ high, Σdy·round(clip(v)·k)/k.
 */
function gradients(dy: Tensor, x: Tensor, divisor: Tensor, range: UniformRange): [Tensor, Tensor] {
  return several("UniformQuantizeGradient", { dy, x, divisor }, { ...range }) as [Tensor, Tensor];
}

/** One of the three sums of `gradients`, as a tensor `[1]`. */
function sumAt(sums: Tensor, index: number): Tensor {
  return slice(sums, [index], [1]);
}

/** LSQ with one kernel per pass. */
export const lsqOverrides: SideOverrides = {
  activation: {
    forward: (x, parameters, { bits }) => lsqForward(x, parameters, unsigned(bits)),
    backward: (dy, saved, parameters, { bits }, world) =>
      lsqBackward(dy, saved, parameters, unsigned(bits), world),
  },
  weight: {
    forward: (w, parameters, { bits }) => lsqForward(w, parameters, signed(bits)),
    backward: (dq, saved, parameters, { bits }) => lsqBackward(dq, saved, parameters, signed(bits)),
  },
};

function lsqForward(v: Tensor, parameters: QuantizerTensors, range: Range): Forward {
  const y = tidy(() => quantized(v, stepOf(parameters), { ...range, k: 1, closed: true }));
  return { y, saved: [v.clone()] };
}

function lsqBackward(
  dq: Tensor,
  saved: readonly Tensor[],
  parameters: QuantizerTensors,
  range: Range,
  world = 1,
): Backward {
  const v = savedAt(saved, 0);
  const { dx, step } = tidy(() => {
    const [dx, sums] = gradients(dq, v, stepOf(parameters), { ...range, k: 1, closed: true });
    return { dx, step: mul(sumAt(sums, 0), scalar(gradientScale(v.size * world, range.high))) };
  });
  return { dx, gradients: { step } };
}

/** LSQ+'s activations with their codes. */
export const lsqPlusActivation: Activation = {
  forward(x, parameters, quantization) {
    const { y, saved } = lsqPlus.activation.forward(x, parameters, quantization);
    const offset = parameterOf(parameters, "offset").clone();
    return { y: withActivationCodes(y, stepOf(parameters), steps(quantization.bits), offset), saved };
  },
  backward: lsqPlus.activation.backward,
};

/** PACT with one kernel per pass. */
export const pactActivation: Activation = {
  forward(x, parameters, { bits }) {
    return {
      y: tidy(() => quantized(x, clipOf(parameters, "clip_val"), ofUnit(bits, false))),
      saved: [x.clone()],
    };
  },
  backward(dy, saved, parameters, { bits, variant }) {
    const { dx, clip_val } = tidy(() => {
      const [dx, sums] = gradients(
        dy,
        savedAt(saved, 0),
        clipOf(parameters, "clip_val"),
        ofUnit(bits, false),
      );
      const above = sumAt(sums, 1);
      return { dx, clip_val: variant === "released" ? add(above, sumAt(sums, 2)) : above };
    });
    return { dx, gradients: { clip_val } };
  },
};

/** DoReFa's activations with one kernel per pass. */
export const dorefaActivation: Activation = {
  forward: (x, _parameters, { bits }) => ({
    y: tidy(() => quantized(x, ones([1]), ofUnit(bits, true))),
    saved: [x.clone()],
  }),
  backward: (dy, saved, _parameters, { bits }) => ({
    dx: tidy(() => gradients(dy, savedAt(saved, 0), ones([1]), ofUnit(bits, true))[0]),
    gradients: {},
  }),
};

/** DoReFa's weights, which PACT uses too, with their codes. */
export const dorefaWeight: NonNullable<SideOverrides["weight"]> = {
  forward(w, parameters, quantization) {
    const { y, saved } = plainDorefaWeight.forward(w, parameters, quantization);
    const N = steps(quantization.bits);
    return { y: withWeightCodes(y, fill([1], 1 / N), N), saved };
  },
  backward: plainDorefaWeight.backward,
};

function ofUnit(bits: number, closed: boolean): UniformRange {
  return { low: 0, high: 1, k: steps(bits), closed };
}
