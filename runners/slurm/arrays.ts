import type { LedgerCell } from "../sweep/ledger.js";

/**
 * The cells as job arrays, in the order in which they are submitted: what others need first, one array for each depth, then
 * all the rest as one.
 */
export function arraysOf(cells: readonly LedgerCell[]): LedgerCell[][] {
  const byHash = new Map(cells.map((cell) => [cell.hash, cell]));
  const needed = new Set(cells.flatMap(({ needs }) => needs));
  const depths = new Map<string, number>();
  const depthOf = ({ hash, needs }: LedgerCell): number => {
    const known = depths.get(hash);
    if (known !== undefined) return known;
    const own = needs.flatMap((need) => byHash.get(need) ?? []);
    const depth = own.reduce((deepest, cell) => Math.max(deepest, depthOf(cell) + 1), 0);
    depths.set(hash, depth);
    return depth;
  };
  const levels: LedgerCell[][] = [];
  for (const cell of cells) {
    if (!needed.has(cell.hash)) continue;
    const depth = depthOf(cell);
    levels[depth] = [...(levels[depth] ?? []), cell];
  }
  const rest = cells.filter(({ hash }) => !needed.has(hash));
  return [...levels, rest].filter((level) => level !== undefined && level.length > 0);
}
