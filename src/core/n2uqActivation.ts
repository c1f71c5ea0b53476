import type { Rank, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  concat,
  cumsum,
  div,
  fill,
  gather,
  greater,
  mul,
  neg,
  reshape,
  scalar,
  slice,
  stack,
  sub,
  sum,
  tensor1d,
  tidy,
  where,
  zeros,
} from "@tensorflow/tfjs-core";
import { countBelow, sumByBin } from "./binned.js";
import { fused } from "./fused.js";
import type { ActivationQuantization } from "./parameters.js";
import { SHORTEST_INTERVAL, steps } from "./parameters.js";
import { sumAll } from "./sums.js";
import type { ActivationQuantizer, Backward, Forward, QuantizerTensors } from "./types.js";

/** Up to here an engine that goes threshold by threshold is faster than one that searches and looks up. */
const FEW_BITS = 4;

/** Whether a kernel of an engine's own may quantize so, threshold by threshold. */
export function isStaircaseShort({ method, bits }: ActivationQuantization): boolean {
  return method === "n2uq" && bits <= FEW_BITS;
}

/**
 * N2UQ's activation quantizer: learnable nonuniform thresholds in, uniform levels out (Liu et al. 2022, arXiv 2111.14826,
 * sections 3.1 and 3.2; docs/method.md). With x' = β₁x, N = 2^bits - 1, Δ = 2/N and ã = max(a, 1e-3):
 *
 * - backward thresholds b₁ = start, b_{i+1} = b_i + ã_i; forward thresholds t_i = b_i + ã_i/2;
 * - forward: y = β₂ Δ · #{i : x' > t_i};
 * - backward (G-STE): inside (b_i, b_{i+1}] the slope dy/dx' is β₂ Δ/ã_i, outside it is 0.
 *
 * Both sets of thresholds interleave (b₁ t₁ b₂ t₂ … b_N t_N b_{N+1}), so one search places a value for both passes, and the
 * gradient of every parameter follows from the sums of dy and dy·x over those places.
 */
export const n2uqActivation: ActivationQuantizer = {
  name: "n2uq",
  forward(x, parameters, quantization) {
    const { bits } = quantization;
    if (isStaircaseShort(quantization)) {
      const [y] = fused("ActivationChain", { x, ...parameters }) ?? [];
      if (y !== undefined) return { y, saved: [x.clone()] };
      const ready = fusedForward(x, parameters, steps(bits));
      if (ready !== null) return ready;
    }
    const [y, place] = tidy(() => {
      const { edges, places } = thresholds(parameters, steps(bits));
      const place = countBelow(edges, mul(x, parameter(parameters, "scale1")));
      const levels = mul(levelByPlace(places), parameter(parameters, "scale2"));
      return [gather(levels, place), place] as const;
    });
    return { y, saved: [x.clone(), place] };
  },
  backward(dy, [x, place], parameters, { bits }) {
    if (x === undefined) throw new RangeError("n2uq backward needs x");
    if (place === undefined) return chainBackward(dy, x, parameters);
    const N = steps(bits);
    if (place.dtype === "float32") return fusedBackward(dy, x, place, parameters, N);
    const result = tidy(() => {
      const [beta1, beta2] = [parameter(parameters, "scale1"), parameter(parameters, "scale2")];
      const { lengths, lower, places, open } = thresholds(parameters, N);
      const slopes = div(scalar(2 / N), lengths);
      const dx = mul(dy, gather(mul(mul(beta1, beta2), byPlace(slopes)), place));
      const sumDy = sumByBin(place, dy, places);
      const [g1, gx] = [byInterval(sumDy, N), byInterval(sumByBin(place, mul(dy, x), places), N)];
      return {
        dx,
        ...intervalGradients(g1, gx, { beta1, beta2, slopes, lengths, lower, open }),
        scale2: reshape(sum(mul(sumDy, levelByPlace(places))), [1]),
      };
    });
    const { dx, ...gradients } = result;
    return { dx, gradients };
  },
};

/** All gradients by the kernel that gave y. */
function chainBackward(dy: Tensor, x: Tensor, parameters: QuantizerTensors): Backward {
  const outputs = fused("ActivationChainGradient", { dy, x, ...parameters }) as Tensor[];
  const [dx, start, a, scale1, scale2] = outputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
  return { dx, gradients: { start, a, scale1, scale2 } };
}

/** y, x and #{i : x' > t_i} by the engine's own kernel, where it has one. */
function fusedForward(x: Tensor, parameters: QuantizerTensors, N: number): Forward | null {
  const [y, count] = tidy(() => {
    const [scale, beta2] = [parameter(parameters, "scale1"), parameter(parameters, "scale2")];
    const { forward } = thresholds(parameters, N);
    const [count] = fused("StaircaseCount", { x, scale, edges: forward }) ?? [];
    return count === undefined ? [] : [mul(count, mul(beta2, scalar(2 / N))), count];
  });
  return y === undefined || count === undefined ? null : { y, saved: [x.clone(), count] };
}

function fusedBackward(
  dy: Tensor,
  x: Tensor,
  count: Tensor,
  parameters: QuantizerTensors,
  N: number,
): Backward {
  const { dx, ...gradients } = tidy(() => {
    const [beta1, beta2] = [parameter(parameters, "scale1"), parameter(parameters, "scale2")];
    const { lengths, lower, backward, open } = thresholds(parameters, N);
    const slopes = div(scalar(2 / N), lengths);
    const factors = mul(mul(beta1, beta2), slopes);
    const inputs = { dy, x, scale: beta1, edges: backward, slopes: factors };
    const [dx, sums] = fused("StaircaseGradient", inputs) as [Tensor, Tensor];
    const [g1, gx] = [0, 1].map((column) => reshape(slice(sums, [0, column], [N, 1]), [N])) as [
      Tensor,
      Tensor,
    ];
    const scale2 = mul(sumAll(mul(dy, count)), scalar(2 / N));
    return { dx, ...intervalGradients(g1, gx, { beta1, beta2, slopes, lengths, lower, open }), scale2 };
  });
  return { dx, gradients };
}

type Pieces = Readonly<Record<"beta1" | "beta2" | "slopes" | "lengths" | "lower" | "open", Tensor>>;

/** The gradients of start, a and scale1 from Σdy and Σdy·x by interval. */
function intervalGradients(g1: Tensor, gx: Tensor, { beta1, beta2, slopes, lengths, lower, open }: Pieces) {
  const flow = mul(beta2, mul(slopes, g1));
  const later = cumsum(flow, 0, true, true);
  const own = mul(mul(beta2, div(slopes, lengths)), sub(mul(beta1, gx), mul(lower, g1)));
  return {
    start: reshape(neg(sum(flow)), [1]),
    a: mul(neg(add(later, own)), open),
    scale1: reshape(mul(beta2, sum(mul(slopes, gx))), [1]),
  };
}

/** The thresholds in order, ã, b₁…b_N, and which ã_i take a gradient. There is one place more than edges. */
function thresholds(parameters: QuantizerTensors, N: number) {
  const a = parameter(parameters, "a");
  const long = greater(a, scalar(SHORTEST_INTERVAL));
  const lengths = where(long, a, fill([N], SHORTEST_INTERVAL)) as Tensor1D;
  const fromStart = concat([zeros<Rank.R1>([1]), cumsum(lengths)]);
  const backward = add(parameter(parameters, "start"), fromStart) as Tensor1D;
  const lower = slice(backward, [0], [N]);
  const forward = add(lower, mul(lengths, scalar(0.5)));
  const pairs = reshape(stack([lower, forward], 1), [2 * N]);
  const edges = concat([pairs as Tensor1D, slice(backward, [N], [1])]);
  return { edges, forward, backward, lengths, lower, places: 2 * N + 2, open: cast(long, "float32") };
}

/** Δ times the forward thresholds below each place: place f has ⌊f/2⌋ of them. */
function levelByPlace(places: number): Tensor1D {
  const delta = 2 / (places / 2 - 1);
  return tensor1d(Array.from({ length: places }, (_, place) => Math.floor(place / 2) * delta));
}

/** One value an interval → one a place: an interval's two halves share it, outside all intervals it is 0. */
function byPlace(values: Tensor): Tensor1D {
  const twice = reshape(stack([values, values], 1), [2 * values.size]) as Tensor1D;
  return concat([zeros<Rank.R1>([1]), twice, zeros<Rank.R1>([1])]);
}

/** Sums by place → sums by interval. */
function byInterval(sums: Tensor1D, N: number): Tensor {
  return sum(reshape(slice(sums, [1], [2 * N]), [N, 2]), 1);
}

function parameter(parameters: QuantizerTensors, name: string): Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new RangeError(`n2uq lacks its parameter ${name}`);
  return tensor;
}
