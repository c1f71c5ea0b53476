import { add, mul, ones, scalar, slice, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { gradientScale, type Range, signed, stepOf, unsigned } from "../../core/lsq.js";
import type { QuantizerTensors } from "../../core/quantizer.js";
import { clipOf, parameterOf, savedAt, steps } from "../../core/quantizer.js";
import type { SideOverrides } from "../../overrides.js";
import { type FusedPasses, type Quantization, sideOf } from "./fused.js";
import { one, several } from "./kernel.js";

/**
 * With v = (x - offset)/d: y = round(clip(v, low, high)·k)·d/k + offset. `closed` is true if low and high
 * themselves are inside the range.
 */
interface UniformRange extends Range {
  readonly k: number;
  readonly closed: boolean;
}

/** A quantizer that the kernels `UniformQuantize` and `UniformQuantizeGradient` compute. */
interface UniformQuantizer {
  range(quantization: Quantization): UniformRange;
  /** The kernels' inputs `divisor` and `offset`, each `[1]`. The caller owns them. */
  inputs(parameters: QuantizerTensors): Record<string, Tensor>;
  /**
   * The parameters' gradients from the kernel's sums, each `[1]`. @param count number of values in all ranks
   */
  gradients(
    sum: (name: keyof typeof SUMS) => Tensor,
    quantization: Quantization,
    count: number,
  ): Record<string, Tensor>;
}

/**
 * The places of the kernel's four sums: Σdy·(round(clip(v)·k)/k - v inside), Σdy where v ≥ high,
 * Σdy·round(clip(v)·k)/k, and Σdy outside the range.
 */
const SUMS = { slope: 0, above: 1, level: 2, outside: 3 } as const;

/** LSQ on the codes of a range. */
function lsqOn(rangeOf: (bits: number) => Range): UniformQuantizer {
  return {
    range: ({ bits }) => ({ ...rangeOf(bits), k: 1, closed: true }),
    inputs: (parameters) => ({ divisor: stepOf(parameters) }),
    gradients: (sum, { bits }, count) => ({
      step: mul(sum("slope"), scalar(gradientScale(count, rangeOf(bits).high))),
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

const quantizers: Readonly<Record<string, UniformQuantizer>> = {
  lsq: lsqOn(unsigned),
  "lsq-plus": {
    range: ({ bits }) => ({ low: 0, high: steps(bits), k: 1, closed: false }),
    inputs: (parameters) => ({
      divisor: stepOf(parameters),
      offset: parameterOf(parameters, "offset").clone(),
    }),
    gradients: (sum, { bits }, count) => {
      const g = scalar(gradientScale(count, steps(bits)));
      return { step: mul(sum("slope"), g), offset: mul(sum("outside"), g) };
    },
  },
  pact: {
    range: unitRange(false),
    inputs: (parameters) => ({ divisor: clipOf(parameters, "clip_val") }),
    gradients: (sum, { variant }) => ({
      clip_val: variant === "released" ? add(sum("above"), sum("level")) : sum("above"),
    }),
  },
  dorefa: { range: unitRange(true), inputs: () => ({ divisor: ones([1]) }), gradients: () => ({}) },
};

function passesOf(quantizer: UniformQuantizer): FusedPasses {
  return {
    forward(inputs, parameters, quantization) {
      const attributes = { ...quantizer.range(quantization) };
      return tidy(() => one("UniformQuantize", { ...inputs, ...quantizer.inputs(parameters) }, attributes));
    },
    backward(inputs, parameters, quantization, world = 1) {
      const attributes = { ...quantizer.range(quantization) };
      return tidy(() => {
        const given = { ...inputs, ...quantizer.inputs(parameters) };
        const results = several("UniformQuantizeGradient", given, attributes);
        const sums = results.at(-1) as Tensor;
        const sum = (name: keyof typeof SUMS) => slice(sums, [SUMS[name]], [1]);
        const gradients = quantizer.gradients(sum, quantization, inputs.x.size * world);
        return { outputs: results.slice(0, -1), gradients };
      });
    },
  };
}

/** The activation quantizers with uniform levels, without N2UQ. */
export const uniformActivations: Readonly<Record<string, FusedPasses>> = Object.fromEntries(
  Object.entries(quantizers).map(([method, quantizer]) => [method, passesOf(quantizer)]),
);

/** LSQ's weights, which LSQ+ uses too. */
const lsqWeight: NonNullable<SideOverrides["weight"]> = sideOf(passesOf(lsqOn(signed)));

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

/** The weight quantizers of the methods with uniform levels, without N2UQ. */
const uniformWeights: Readonly<Record<string, NonNullable<SideOverrides["weight"]>>> = {
  lsq: lsqWeight,
  "lsq-plus": lsqWeight,
  pact: dorefaWeight,
  dorefa: dorefaWeight,
};

/** The overrides of the methods with uniform levels, without N2UQ. */
export const uniformOverrides: Readonly<Record<string, SideOverrides>> = Object.fromEntries(
  Object.entries(uniformActivations).map(([method, passes]) => [
    method,
    { activation: sideOf(passes), ...(uniformWeights[method] && { weight: uniformWeights[method] }) },
  ]),
);
