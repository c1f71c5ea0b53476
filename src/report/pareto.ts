/** A run's cost (lower is better) and gain (higher is better). */
export interface Trade {
  readonly cost: number;
  readonly gain: number;
}

/**
 * Indices of the Pareto-optimal trades by rising cost: no other trade costs at most as much and gains at
 * least as much, with one of the two strictly. Equal trades are all kept.
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
