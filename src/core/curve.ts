import type { QuantizationCurve } from "../graph/quantizer.js";
import type { ParameterValues } from "./quantizer.js";

/** Rounds to float32, as every operation of an engine does. */
export const f32 = Math.fround;

/** Rounds half to even, as tfjs and PyTorch do. */
export function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The values of a parameter. @throws RangeError if the parameter is missing */
export function valuesOf(parameters: ParameterValues, name: string): readonly number[] {
  const values = parameters[name];
  if (values === undefined || values.length === 0)
    throw new RangeError(`the quantizer lacks its parameter ${name}`);
  return values;
}

/** The only value of a parameter. @throws RangeError if the parameter is missing */
export function numberOf(parameters: ParameterValues, name: string): number {
  return valuesOf(parameters, name)[0] ?? Number.NaN;
}

/**
 * The threshold curve of a quantizer that computes the index of a level from a number. @param indexOf maps a
 * float32 number to the index of its level and must not decrease @param levels the levels by index @param
 * guesses a number near each threshold
 */
export function curveOf(
  indexOf: (x: number) => number,
  levels: readonly number[],
  guesses: readonly number[],
): QuantizationCurve {
  const thresholds = guesses.map((guess, k) => lastWithout((x) => indexOf(x) > k, guess));
  return { thresholds, levels };
}

/**
 * The threshold curve with the N + 1 levels `levelOf(0)` … `levelOf(N)`, `step` apart. @param indexOf as in
 * `curveOf`
 */
export function uniformCurve(
  N: number,
  step: number,
  indexOf: (x: number) => number,
  levelOf: (k: number) => number,
): QuantizationCurve {
  const levels = Array.from({ length: N + 1 }, (_, k) => levelOf(k));
  return curveOf(
    indexOf,
    levels,
    Array.from({ length: N }, (_, k) => (k + 0.5) * step),
  );
}

const LARGEST = 3.4028234663852886e38;
const view = new DataView(new ArrayBuffer(4));

/** Maps float32 numbers to integers so that their order is preserved. */
function toOrdered(x: number): number {
  view.setFloat32(0, x);
  const bits = view.getInt32(0);
  return bits >= 0 ? bits : -(bits & 0x7fffffff);
}

function fromOrdered(order: number): number {
  view.setInt32(0, order >= 0 ? order : -order | 0x80000000);
  return view.getFloat32(0);
}

/**
 * The largest float32 number that does not fulfil a condition. The condition must be fulfilled by all larger
 * numbers. @param holds false up to a number, true above it @param guess where the search starts
 */
export function lastWithout(holds: (x: number) => boolean, guess: number): number {
  const [first, last] = [toOrdered(-LARGEST), toOrdered(LARGEST)];
  const start = toOrdered(f32(Math.max(-LARGEST, Math.min(LARGEST, Number.isNaN(guess) ? 0 : guess))));
  let [low, high] = [start, start];
  for (let stride = 1; low > first && holds(fromOrdered(low)); stride *= 2)
    low = Math.max(first, low - stride);
  for (let stride = 1; high < last && !holds(fromOrdered(high)); stride *= 2)
    high = Math.min(last, high + stride);
  if (holds(fromOrdered(low))) return -LARGEST;
  if (!holds(fromOrdered(high))) return LARGEST;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(fromOrdered(middle))) high = middle;
    else low = middle;
  }
  return fromOrdered(low);
}
