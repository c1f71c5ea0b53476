import { steps } from "../../src/core/quantizer.js";

/** The parameters of learnable thresholds, as float32 holds them. */
export interface Thresholds {
  readonly start: number;
  readonly a: Float32Array;
  readonly scale1: number;
  readonly scale2: number;
}

/** ã and b₁ … b_N in float64. */
function intervals({ start, a }: Thresholds) {
  const lengths = Array.from(a, (length) => (length > 1e-3 ? length : Math.fround(1e-3)));
  let next = start;
  const lower = lengths.map((length) => {
    next += length;
    return next - length;
  });
  return { lengths, lower };
}

/** Moves each x off the thresholds, where float32 and float64 may disagree on the side. */
export function clearOfThresholds(x: Float32Array, thresholds: Thresholds): Float32Array {
  const { lengths, lower } = intervals(thresholds);
  const edges = lower.flatMap((b, i) => [b, b + lengths[i]! / 2, b + lengths[i]!]);
  return x.map((v) => (edges.some((edge) => Math.abs(thresholds.scale1 * v - edge) < 1e-5) ? v + 1e-4 : v));
}

/** Learnable thresholds straight from the equations of docs/method.md: float64, one value at a time. */
export function thresholdsByHand(x: Float32Array, dy: Float32Array, thresholds: Thresholds, bits: number) {
  const { a, scale1, scale2 } = thresholds;
  const { lengths, lower } = intervals(thresholds);
  const N = steps(bits);
  const [y, dx, da] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(N)];
  let [dStart, dScale1, dScale2] = [0, 0, 0];
  x.forEach((value, i) => {
    const scaled = scale1 * value;
    const level = (2 / N) * lower.filter((b, k) => scaled > b + lengths[k]! / 2).length;
    y[i] = scale2 * level;
    dScale2 += dy[i]! * level;
    const k = lower.findIndex((b, at) => scaled > b && scaled <= b + lengths[at]!);
    if (k < 0) return;
    const flow = (dy[i]! * scale2 * (2 / N)) / lengths[k]!;
    dx[i] = flow * scale1;
    dScale1 += flow * value;
    dStart -= flow;
    for (let j = 0; j < k; j++) if (a[j]! > 1e-3) da[j]! -= flow;
    if (a[k]! > 1e-3) da[k]! -= (flow * (scaled - lower[k]!)) / lengths[k]!;
  });
  return { y, dx, gradients: { start: [dStart], a: da, scale1: [dScale1], scale2: [dScale2] } };
}

/** Rounds half to even, as tfjs and PyTorch do. */
export function rounded(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

export const clip = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The uniform quantizer on [-1, 1]. */
export function uniform(value: number, bits: number): number {
  const N = steps(bits);
  return (rounded(((clip(value, -1, 1) + 1) * N) / 2) * 2) / N - 1;
}
