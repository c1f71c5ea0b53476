import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  clipByValue,
  div,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  mul,
  scalar,
  slice,
  tidy,
} from "@tensorflow/tfjs-core";
import { dorefaWeight } from "./dorefa.js";
import { roundSmall } from "./fused.js";
import { SMALLEST_CLIP, steps } from "./parameters.js";
import { sumAll } from "./sums.js";
import type { ActivationQuantizer, QuantizerTensors, WeightQuantizer } from "./types.js";
import { uniformBackward, uniformForward } from "./uniform.js";

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
      const ready = uniformForward(x, alpha, rangeOf(bits));
      if (ready !== null) return ready;
      return mul(roundSmall(levels(div(x, alpha), bits)), div(alpha, scalar(steps(bits))));
    });
    return { y, saved: [x.clone()] };
  },
  backward(dy, [x], parameters, { bits, variant }) {
    if (x === undefined) throw new RangeError("pact backward needs what was quantized");
    const { dx, clip_val } = tidy(() => {
      const alpha = clipOf(parameters);
      const ready = uniformBackward(dy, x, alpha, rangeOf(bits));
      if (ready !== null) {
        const [above, level] = [1, 2].map((at) => slice(ready[1], [at], [1])) as [Tensor, Tensor];
        return { dx: ready[0], clip_val: variant === "released" ? add(above, level) : above };
      }
      const ratio = div(x, alpha);
      const above = cast(greaterEqual(ratio, scalar(1)), "float32");
      const inside = cast(logicalAnd(greater(ratio, scalar(0)), less(ratio, scalar(1))), "float32");
      const dx = mul(dy, inside);
      const dAlpha = sumAll(mul(dy, above));
      if (variant !== "released") return { dx, clip_val: dAlpha };
      const unit = mul(roundSmall(levels(ratio, bits)), scalar(1 / steps(bits)));
      return { dx, clip_val: add(dAlpha, sumAll(mul(dy, unit))) };
    });
    return { dx, gradients: { clip_val } };
  },
};

const rangeOf = (bits: number) => ({ low: 0, high: 1, k: steps(bits), closed: false });

/** PACT leaves weights to DoReFa's quantizer. */
export const pactWeight: WeightQuantizer = { ...dorefaWeight, name: "pact" };

/** clip(x/α, 0, 1) in steps. A clip by numbers: tfjs's maximum and minimum of two tensors are many times slower. */
function levels(ratio: Tensor, bits: number): Tensor {
  return mul(clipByValue(ratio, 0, 1), scalar(steps(bits)));
}

function clipOf({ clip_val }: QuantizerTensors): Tensor {
  if (clip_val === undefined) throw new RangeError("pact lacks its parameter clip_val");
  return maximum(clip_val, scalar(SMALLEST_CLIP));
}
