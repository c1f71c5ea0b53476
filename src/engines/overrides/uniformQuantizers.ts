import { add, mul, ones, scalar, slice, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { gradientScale, type Range, signed, stepOf, unsigned } from "../../core/lsq.js";
import type { QuantizerTensors } from "../../core/quantizer.js";
import { clipOf, parameterOf, savedAt, steps } from "../../core/quantizer.js";
import type { QuantizerOptions } from "../../graph/quantizer.js";
import type { SideOverrides } from "../../overrides.js";
import { one, several } from "./kernel.js";

/**
 * With v = (x - offset)/d: y = round(clip(v, low, high)·k)·d/k + offset. `closed` is true if low and high
 * themselves are inside the range.
 */
interface UniformRange extends Range {
  readonly k: number;
  readonly closed: boolean;
}

type Quantization = QuantizerOptions & { readonly bits: number; readonly variant?: "paper" | "released" };

/** A quantizer that the kernels `UniformQuantize` and `UniformQuantizeGradient` compute. */
interface UniformQuantizer {
  range(quantization: Quantization): UniformRange;
  /** The kernels' inputs `divisor` and `offset`, each `[1]`. The caller owns them. */
  inputs(parameters: QuantizerTensors): Record<string, Tensor>;
  /**
   * The parameters' gradients from the kernel's four sums: Σdy·(round(clip(v)·k)/k - v inside), Σdy where
   * v ≥ high, Σdy·round(clip(v)·k)/k, and Σdy outside the range. @param count number of values in all ranks
   */
  gradients(sums: readonly Tensor[], quantization: Quantization, count: number): Record<string, Tensor>;
}

/** LSQ on the codes of a range. */
function lsqOn(rangeOf: (bits: number) => Range): UniformQuantizer {
  return {
    range: ({ bits }) => ({ ...rangeOf(bits), k: 1, closed: true }),
    inputs: (parameters) => ({ divisor: stepOf(parameters) }),
    gradients: ([slope], { bits }, count) => ({
      step: mul(slope as Tensor, scalar(gradientScale(count, rangeOf(bits).high))),
    }),
  };
}

/** PACT and DoReFa: the range [0, 1] in 2^bits - 1 steps. */
const unitRange = (closed: boolean) => (quantization: Quantization) => ({
  low: 0,
  high: 1,
  k: steps(quantization.bits),
  closed,
});

/** The activation quantizers with uniform levels, without N2UQ. */
export const uniformActivations: Readonly<Record<string, UniformQuantizer>> = {
  lsq: lsqOn(unsigned),
  "lsq-plus": {
    range: ({ bits }) => ({ low: 0, high: steps(bits), k: 1, closed: false }),
    inputs: (parameters) => ({
      divisor: stepOf(parameters),
      offset: parameterOf(parameters, "offset").clone(),
    }),
    gradients: ([slope, , , outside], { bits }, count) => {
      const g = scalar(gradientScale(count, steps(bits)));
      return { step: mul(slope as Tensor, g), offset: mul(outside as Tensor, g) };
    },
  },
  pact: {
    range: unitRange(false),
    inputs: (parameters) => ({ divisor: clipOf(parameters, "clip_val") }),
    gradients: ([, above, level], { variant }) => ({
      clip_val: variant === "released" ? add(above as Tensor, level as Tensor) : (above as Tensor),
    }),
  },
  dorefa: { range: unitRange(true), inputs: () => ({ divisor: ones([1]) }), gradients: () => ({}) },
};

/** Quantizes x, possibly after RPReLU with the inputs `bias1`, `alpha` and `bias2`. */
export function uniformForward(
  quantizer: UniformQuantizer,
  inputs: Readonly<Record<string, Tensor>>,
  parameters: QuantizerTensors,
  quantization: Quantization,
): Tensor {
  const attributes = { ...quantizer.range(quantization) };
  return tidy(() => one("UniformQuantize", { ...inputs, ...quantizer.inputs(parameters) }, attributes));
}

/** The gradients of x, of RPReLU's inputs, if there are any, and of the quantizer's parameters. */
export function uniformBackward(
  quantizer: UniformQuantizer,
  inputs: Readonly<Record<string, Tensor>> & { readonly x: Tensor },
  parameters: QuantizerTensors,
  quantization: Quantization,
  world = 1,
): { readonly outputs: readonly Tensor[]; readonly gradients: Record<string, Tensor> } {
  const attributes = { ...quantizer.range(quantization) };
  return tidy(() => {
    const given = { ...inputs, ...quantizer.inputs(parameters) };
    const results = several("UniformQuantizeGradient", given, attributes);
    const sums = results.at(-1) as Tensor;
    const four = [0, 1, 2, 3].map((index) => slice(sums, [index], [1]));
    const gradients = quantizer.gradients(four, quantization, inputs.x.size * world);
    return { outputs: results.slice(0, -1), gradients };
  });
}

function activationOf(quantizer: UniformQuantizer): NonNullable<SideOverrides["activation"]> {
  return {
    forward: (x, parameters, quantization) => ({
      y: uniformForward(quantizer, { x }, parameters, quantization),
      saved: [x.clone()],
    }),
    backward(dy, saved, parameters, quantization, world) {
      const inputs = { dy, x: savedAt(saved, 0) };
      const { outputs, gradients } = uniformBackward(quantizer, inputs, parameters, quantization, world);
      return { dx: outputs[0] as Tensor, gradients };
    },
  };
}

/** LSQ's weights, which LSQ+ uses too. */
const lsqWeight: NonNullable<SideOverrides["weight"]> = activationOf(lsqOn(signed));

/** DoReFa's weights, which PACT uses too. */
const dorefaWeight: NonNullable<SideOverrides["weight"]> = {
  forward(w, _parameters, { bits }) {
    const [y, t, inverse] = several("TanhWeight", { w }, { steps: steps(bits) }) as [Tensor, Tensor, Tensor];
    return { y, saved: [t, inverse] };
  },
  backward: (dq, saved) => ({
    dx: one("TanhWeightGradient", { dq, t: savedAt(saved, 0), inverse: savedAt(saved, 1) }),
    gradients: {},
  }),
};

const weights: Readonly<Record<string, SideOverrides["weight"]>> = {
  lsq: lsqWeight,
  "lsq-plus": lsqWeight,
  pact: dorefaWeight,
  dorefa: dorefaWeight,
};

/** The overrides of the methods with uniform levels, without N2UQ. */
export const uniformOverrides: Readonly<Record<string, SideOverrides>> = Object.fromEntries(
  Object.entries(uniformActivations).map(([method, quantizer]) => [
    method,
    { activation: activationOf(quantizer), weight: weights[method] },
  ]),
) as Readonly<Record<string, SideOverrides>>;
