/** A run's cost (lower is better) and gain (higher is better). */
export interface Trade {
  readonly cost: number;
  readonly gain: number;
}

/**
 * Indices of the Pareto-optimal trades, by rising cost. A trade is Pareto-optimal if no other trade has at
 * most its cost and at least its gain, with at least one of these strictly better. Keeps all of several equal
 * trades.
 */
export function paretoFront(trades: readonly Trade[]): number[] {
  const order = trades.map((_, index) => index).sort((a, b) => compare(trades, a, b));
  let best = Number.NEGATIVE_INFINITY;
  let at = Number.NaN;
  return order.filter((index) => {
    const { cost, gain } = trades[index] ?? { cost: Number.NaN, gain: Number.NaN };
    if (!(gain > best || (gain === best && cost === at))) return false;
    [best, at] = [gain, cost];
    return true;
  });
}

/** Orders by rising cost, then by falling gain. */
function compare(trades: readonly Trade[], a: number, b: number): number {
  const [x, y] = [trades[a], trades[b]];
  if (x === undefined || y === undefined) return 0;
  return x.cost - y.cost || y.gain - x.gain || a - b;
}
