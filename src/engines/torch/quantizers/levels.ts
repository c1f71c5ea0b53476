import type { Tensor } from "@tensorflow/tfjs-core";
import { additiveCodes } from "../../../core/apot.js";
import { clipBound, parameterOf, type QuantizerTensors, savedAt, steps } from "../../../core/quantizer.js";
import type { SideOverrides } from "../../../overrides.js";
import { type FusedPasses, sideOf } from "../../overrides/fused.js";
import { one, several } from "../../overrides/kernel.js";

/**
 * The levels in units of α: integers divided by the last, or the `steps` of a learned companding function;
 * `closed` if a value of exactly α is inside the range.
 */
type Levels = { readonly closed: boolean } & (
  | { readonly codes: readonly number[] }
  | { readonly steps: number }
);

/** A quantizer that the kernels of native/torch/levels.h compute. */
interface LevelQuantizer {
  /** The name of α. */
  readonly clip: string;
  /** @param bits number of bits without the sign */
  levels(bits: number): Levels;
  /** Whether the levels of weights are multiplied by the layer's std. */
  readonly byStd: boolean;
}

const apot = {
  levels: (bits: number) => ({ codes: additiveCodes(bits), closed: true }),
  byStd: false,
};
const lcq: LevelQuantizer = {
  clip: "alpha",
  levels: (bits) => ({ ...(bits === 0 ? { codes: [1] } : { steps: steps(bits) }), closed: false }),
  byStd: true,
};

function passesOf({ clip, levels }: LevelQuantizer): FusedPasses {
  const given = (parameters: QuantizerTensors, bits: number) => {
    const of = levels(bits);
    return [inputsOf(clip, of, parameters), { ...of, smallest: clipBound.at }] as const;
  };
  return {
    forward(inputs, parameters, { bits }) {
      const [own, attributes] = given(parameters, bits);
      return one("LevelQuantize", { ...inputs, ...own }, attributes);
    },
    backward(inputs, parameters, { bits }) {
      const [own, attributes] = given(parameters, bits);
      const results = several("LevelQuantizeGradient", { ...inputs, ...own }, attributes);
      const count = results.length - Object.keys(own).length;
      return { outputs: results.slice(0, count), gradients: namedBy(clip, results.slice(count)) };
    },
  };
}

function weightOf({ clip, levels, byStd }: LevelQuantizer): NonNullable<SideOverrides["weight"]> {
  const given = (parameters: QuantizerTensors, bits: number) => {
    const of = levels(bits - 1);
    return [inputsOf(clip, of, parameters), { ...of, smallest: clipBound.at, byStd }] as const;
  };
  return {
    forward(w, parameters, { bits }) {
      const [own, attributes] = given(parameters, bits);
      const [y, normalization] = several("LevelWeight", { w, ...own }, attributes) as [Tensor, Tensor];
      return { y, saved: [w.clone(), normalization] };
    },
    backward(dq, saved, parameters, { bits }) {
      const [own, attributes] = given(parameters, bits);
      const inputs = { dq, w: savedAt(saved, 0), saved: savedAt(saved, 1), ...own };
      const [dx, ...gradients] = several("LevelWeightGradient", inputs, attributes);
      return { dx: dx as Tensor, gradients: namedBy(clip, gradients) };
    },
  };
}

/** The kernels' inputs `clip` and, if the levels are learned, `theta`. */
function inputsOf(clip: string, levels: Levels, parameters: QuantizerTensors): Record<string, Tensor> {
  const fixed = { clip: parameterOf(parameters, clip) };
  return "steps" in levels ? { ...fixed, theta: parameterOf(parameters, "theta") } : fixed;
}

function namedBy(clip: string, [dClip, dTheta]: readonly Tensor[]): Record<string, Tensor> {
  return { [clip]: dClip as Tensor, ...(dTheta === undefined ? {} : { theta: dTheta }) };
}

/** The activation quantizers with non-uniform levels. */
export const levelActivations = {
  apot: passesOf({ clip: "act_alpha", ...apot }),
  lcq: passesOf(lcq),
} satisfies Readonly<Record<string, FusedPasses>>;

/** The overrides of the methods with non-uniform levels. */
export const levelOverrides = {
  apot: {
    activation: sideOf(levelActivations.apot),
    weight: weightOf({ clip: "weight_alpha", ...apot }),
  },
  lcq: { activation: sideOf(levelActivations.lcq), weight: weightOf(lcq) },
} satisfies Readonly<Record<string, SideOverrides>>;
