import type { Difference } from "./difference.js";

/** The effect of one value of an axis. */
export interface Effect {
  /** As JSON; null for runs without the key. */
  readonly value: string | null;
  readonly runs: number;
  /** Mean over these runs, in percent. */
  readonly meanTop1: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface AxisEffect {
  readonly path: string;
  readonly effects: readonly Effect[];
}

/**
 * For every value of each axis: the mean of the best top-1 over all runs with this value. @param top1 one
 * value per run
 */
export function axisEffects(axes: readonly Difference[], top1: readonly number[]): AxisEffect[] {
  return axes.map(({ path, values }) => {
    const effects = [...new Set(values)].map((value): Effect => {
      const own = top1.filter((_, run) => values[run] === value);
      const meanTop1 = own.reduce((sum, one) => sum + one, 0) / Math.max(1, own.length);
      return { value, runs: own.length, meanTop1, lowest: Math.min(...own), highest: Math.max(...own) };
    });
    return { path, effects: effects.sort(byValue) };
  });
}

/** Sorts numbers by size; other values follow, sorted as text. */
function byValue(a: Effect, b: Effect): number {
  const [x, y] = [Number(a.value ?? Number.NaN), Number(b.value ?? Number.NaN)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return (a.value ?? "").localeCompare(b.value ?? "");
}
