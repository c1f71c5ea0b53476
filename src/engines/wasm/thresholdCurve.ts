import { f32 } from "../../core/curve.js";
import { intervalsOf } from "../../core/n2uqActivation.js";

/** N2UQ's thresholds for native/wasm/chain.cpp. */
export interface ThresholdCurve {
  /** N = 2^bits - 1 */
  readonly intervals: number;
  /** The distance between levels, which begin at 0. */
  readonly unit: number;
  /** The numbers that `Curve` of chain.cpp reads. */
  readonly table: readonly number[];
  /**
   * The gradients of start, a, scale1 and scale2 from Σdy and Σdy·z per interval, `[N, 2]`, and
   * Σdy·(level without β₂).
   */
  gradients(sums: Float64Array): readonly (readonly number[])[];
}

/**
 * Computes all numbers in float32 with the operations of `thresholds` (src/core/n2uqActivation.ts) in the
 * same order, so that every value has the same level and the same slope.
 */
export function thresholdCurve(
  start: number,
  a: ArrayLike<number>,
  beta1: number,
  beta2: number,
): ThresholdCurve {
  const N = a.length;
  const { lengths, open, ends, middles } = intervalsOf(start, a);
  const levels = Array.from({ length: N + 1 }, (_, count) => f32(count * (2 / N)));
  const slopes = lengths.map((length) => f32(f32(2 / N) / length));
  const both = f32(beta1 * beta2);
  const table = [
    beta1,
    ...ends,
    ...middles,
    ...levels.map((level) => f32(level * beta2)),
    ...levels,
    ...slopes.map((slope) => f32(both * slope)),
  ];
  return {
    intervals: N,
    unit: f32(f32(2 / N) * beta2),
    table,
    gradients(sums) {
      const ofA: number[] = [];
      let [later, product] = [0, 0];
      for (let i = N - 1; i >= 0; i--) {
        const [g1, gx] = [sums[2 * i] ?? Number.NaN, sums[2 * i + 1] ?? Number.NaN];
        const [slope, length] = [slopes[i] ?? Number.NaN, lengths[i] ?? Number.NaN];
        const own = ((beta2 * slope) / length) * (beta1 * gx - (ends[i] ?? Number.NaN) * g1);
        ofA.unshift(open[i] ? -(later + own) : 0);
        later += beta2 * slope * g1;
        product += slope * gx;
      }
      return [[-later], ofA, [beta2 * product], [sums[2 * N] ?? Number.NaN]];
    },
  };
}
