import type { ActivationQuantization, QuantizationMethod } from "./parameters.js";
import { SHORTEST_INTERVAL, SMALLEST_CLIP, SMALLEST_STEP, steps } from "./parameters.js";

/**
 * An activation quantizer as a function of one number: x above the first k of the ascending `thresholds` becomes
 * `levels[k]`, so there is one level more than thresholds. Both are in the units of what goes in and comes out.
 */
export interface Staircase {
  readonly thresholds: readonly number[];
  readonly levels: readonly number[];
}

/** The values of a quantizer's parameters by their short names (`start`, `a`, `step` …). */
export type ParameterValues = Readonly<Record<string, readonly number[]>>;

/**
 * Thresholds and levels of an activation quantizer, from the equations of docs/method.md:
 *
 * - n2uq: y = β₂·Δ·#{i : β₁x > t_i}, so x is compared with t_i/β₁; a negative β₁ turns the staircase round, β₁ = 0 leaves
 *   one level;
 * - lsq, pact, dorefa: y = s·round(clip(x/s, 0, N)) with s the learned step, α/N, 1/N: thresholds (k - ½)·s.
 * @throws RangeError where a parameter is missing
 */
export function staircaseOf(quantization: ActivationQuantization, parameters: ParameterValues): Staircase {
  const value = (name: string): readonly number[] => {
    const values = parameters[name];
    if (values === undefined || values.length === 0)
      throw new RangeError(`${quantization.method} lacks its parameter ${name}`);
    return values;
  };
  return staircases[quantization.method](steps(quantization.bits), value);
}

type Value = (name: string) => readonly number[];

const staircases = {
  n2uq: nonuniform,
  lsq: (N, value) => uniform(N, Math.max(first(value("step")), SMALLEST_STEP)),
  pact: (N, value) => uniform(N, Math.max(first(value("clip_val")), SMALLEST_CLIP) / N),
  dorefa: (N) => uniform(N, 1 / N),
} satisfies Record<QuantizationMethod, (N: number, value: Value) => Staircase>;

function nonuniform(N: number, value: Value): Staircase {
  const [beta1, beta2] = [first(value("scale1")), first(value("scale2"))];
  let edge = first(value("start"));
  const inner = value("a").map((a) => {
    const length = Math.max(a, SHORTEST_INTERVAL);
    edge += length;
    return edge - length / 2;
  });
  const levels = Array.from({ length: N + 1 }, (_, k) => (beta2 * 2 * k) / N);
  if (beta1 === 0) {
    const below = inner.filter((threshold) => threshold < 0).length;
    return { thresholds: [], levels: levels.slice(below, below + 1) };
  }
  const thresholds = inner.map((threshold) => threshold / beta1);
  return beta1 > 0 ? { thresholds, levels } : { thresholds: thresholds.reverse(), levels: levels.reverse() };
}

function uniform(N: number, step: number): Staircase {
  return {
    thresholds: Array.from({ length: N }, (_, k) => (k + 0.5) * step),
    levels: Array.from({ length: N + 1 }, (_, k) => k * step),
  };
}

function first(values: readonly number[]): number {
  return values[0] ?? Number.NaN;
}
