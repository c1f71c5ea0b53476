import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  minimum,
  mul,
  round,
  scalar,
  tidy,
} from "@tensorflow/tfjs-core";
import { sumAll } from "./binned.js";
import { dorefaWeight } from "./dorefa.js";
import { steps } from "./parameters.js";
import type { ActivationQuantizer, QuantizerTensors, WeightQuantizer } from "./types.js";

/**
 * PACT (Choi et al. 2018, arXiv 1805.06085, equations 1–3): y = round(clip(x, 0, α)·N/α)·α/N with a learned clipping value
 * α (`clip_val`), N = 2^bits - 1. dx = dy for 0 < x < α; dα = Σ dy where x ≥ α. In the released N2UQ code α also gets
 * the gradient through the step size α/N that the levels are multiplied with, Σ dy·y/α (`variant: released`).
 */
export const pactActivation: ActivationQuantizer = {
  name: "pact",
  forward(x, parameters, { bits }) {
    const y = tidy(() => {
      const alpha = clipOf(parameters);
      const step = div(alpha, scalar(steps(bits)));
      return mul(round(div(clipped(x, alpha), step)), step);
    });
    return { y, saved: [x.clone()] };
  },
  backward(dy, [x], parameters, { bits, variant }) {
    if (x === undefined) throw new RangeError("pact backward needs what was quantized");
    const { dx, clip_val } = tidy(() => {
      const alpha = clipOf(parameters);
      const above = cast(greaterEqual(x, alpha), "float32");
      const inside = cast(logicalAnd(greater(x, scalar(0)), less(x, alpha)), "float32");
      const dAlpha = sumAll(mul(dy, above));
      if (variant !== "released") return { dx: mul(dy, inside), clip_val: dAlpha };
      const N = steps(bits);
      const unit = mul(round(mul(div(clipped(x, alpha), alpha), scalar(N))), scalar(1 / N));
      return { dx: mul(dy, inside), clip_val: add(dAlpha, sumAll(mul(dy, unit))) };
    });
    return { dx, gradients: { clip_val } };
  },
};

/** PACT leaves weights to DoReFa's quantizer. */
export const pactWeight: WeightQuantizer = { ...dorefaWeight, name: "pact" };

function clipped(x: Tensor, alpha: Tensor): Tensor {
  return minimum(maximum(x, scalar(0)), alpha);
}

/** α is kept above zero, where the quantizer would have no levels left. */
function clipOf({ clip_val }: QuantizerTensors): Tensor {
  if (clip_val === undefined) throw new RangeError("pact lacks its parameter clip_val");
  return maximum(clip_val, scalar(1e-6));
}
