/** A run as a trade: what it costs (less is better) against what it gives (more is better). */
export interface Trade {
  readonly cost: number;
  readonly gain: number;
}

/**
 * The indices of the trades that no other one beats, by rising cost: none costs at most as much and gives at least as
 * much, with one of the two strictly. Of equal trades all are kept.
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

/** By rising cost, then by falling gain. */
function compare(trades: readonly Trade[], a: number, b: number): number {
  const [x, y] = [trades[a], trades[b]];
  if (x === undefined || y === undefined) return 0;
  return x.cost - y.cost || y.gain - x.gain || a - b;
}
