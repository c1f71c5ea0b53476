import type { LedgerCell } from "../sweep/ledger.js";

/** The cells of one job array. */
export interface JobArray {
  readonly nodes: number;
  readonly cells: readonly LedgerCell[];
}

/**
 * Splits cells into job arrays by level; each level runs after the previous one. Prerequisites are in the
 * first levels, one level per depth; all other cells are in the last level. A level has one array per number
 * of nodes.
 */
export function arraysOf(cells: readonly LedgerCell[]): JobArray[][] {
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
    const level = levels[depth] ?? [];
    level.push(cell);
    levels[depth] = level;
  }
  const rest = cells.filter(({ hash }) => !needed.has(hash));
  return [...levels, rest].filter((level) => level !== undefined && level.length > 0).map(byNodes);
}

function byNodes(cells: readonly LedgerCell[]): JobArray[] {
  const arrays = new Map<number, LedgerCell[]>();
  for (const cell of cells) {
    const members = arrays.get(cell.nodes) ?? [];
    members.push(cell);
    arrays.set(cell.nodes, members);
  }
  return [...arrays].map(([nodes, members]) => ({ nodes, cells: members }));
}
