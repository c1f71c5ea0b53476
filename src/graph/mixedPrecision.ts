/**
 * A layer whose number of bits is searched: the cost of one more bit, and the added loss of each candidate.
 */
export interface SearchedLayer {
  readonly id: string;
  /** Ascending. */
  readonly candidates: readonly number[];
  /**
   * By candidate: loss on held-out images with only this layer at these bits, minus the loss with all layers
   * at their largest candidate.
   */
  readonly penalties: Readonly<Record<number, number>>;
  /** The cost of one more bit under each limit. */
  readonly costs: Readonly<Record<string, number>>;
}

/** One limit: `fixed` is the cost of everything that is not searched, `most` the largest allowed total. */
export interface Limit {
  readonly fixed: number;
  readonly most: number;
}

export type ChosenBits = ReadonlyMap<string, number>;

/**
 * The total cost under the limit `name`: of the searched layers at the chosen bits, and of everything else.
 */
export function costOf(
  layers: readonly SearchedLayer[],
  bits: ChosenBits,
  name: string,
  { fixed }: Pick<Limit, "fixed">,
): number {
  return layers.reduce((sum, { id, costs }) => sum + bitsOf(bits, id) * (costs[name] ?? 0), fixed);
}

/**
 * Chooses bits per layer under limits, greedily. Starts with the largest candidates. While a limit is
 * violated, takes the step down that adds the least loss per saving, measured relative to the violated
 * limits. Then takes the steps up that the limits still allow, beginning with the step that removes the most
 * loss per cost. In a tie the earlier layer is chosen. The result is deterministic. @returns null if even the
 * smallest candidates violate the limits
 */
export function chooseBits(
  layers: readonly SearchedLayer[],
  limits: Readonly<Record<string, Limit>>,
): ChosenBits | null {
  const bits = new Map(layers.map(({ id, candidates }) => [id, candidates.at(-1) ?? 0]));
  const broken = () =>
    Object.entries(limits).filter(([name, limit]) => costOf(layers, bits, name, limit) > limit.most);
  for (let over = broken(); over.length > 0; over = broken()) {
    const step = best(layers, bits, -1, over);
    if (step === null) return null;
    bits.set(step.id, step.bits);
  }
  for (;;) {
    const fitting = layers.filter(({ id, costs, candidates }) => {
      const now = bitsOf(bits, id);
      const next = neighbour(candidates, now, 1);
      if (next === undefined) return false;
      const more = next - now;
      return Object.entries(limits).every(
        ([name, limit]) => costOf(layers, bits, name, limit) + more * (costs[name] ?? 0) <= limit.most,
      );
    });
    const step = best(fitting, bits, 1, Object.entries(limits));
    if (step === null || step.rate <= 0) return bits;
    bits.set(step.id, step.bits);
  }
}

/** A layer without a choice costs nothing. */
function bitsOf(bits: ChosenBits, id: string): number {
  return bits.get(id) ?? 0;
}

/** The step up (1) or down (-1) with the best change of loss per cost. */
function best(
  layers: readonly SearchedLayer[],
  bits: ChosenBits,
  direction: 1 | -1,
  limits: readonly (readonly [string, Limit])[],
): { id: string; bits: number; rate: number } | null {
  let found: { id: string; bits: number; rate: number } | null = null;
  for (const { id, candidates, penalties, costs } of layers) {
    const now = bitsOf(bits, id);
    const next = neighbour(candidates, now, direction);
    if (next === undefined) continue;
    const gain = (penalties[now] ?? 0) - (penalties[next] ?? 0);
    const cost = limits.reduce((sum, [name, { most }]) => sum + (costs[name] ?? 0) / most, 0);
    const rate = gain / Math.max(Number.MIN_VALUE, Math.abs(next - now) * cost);
    if (found === null || rate > found.rate) found = { id, bits: next, rate };
  }
  return found;
}

function neighbour(candidates: readonly number[], now: number, direction: 1 | -1): number | undefined {
  return candidates[candidates.indexOf(now) + direction];
}
