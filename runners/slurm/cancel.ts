import { basename } from "node:path";
import { N2uqError } from "../../src/errors.js";
import type { SkippedRun } from "../../src/runs/summary.js";
import { findSweeps, type LedgerCell } from "../sweep/ledger.js";
import { slurmCommand } from "./client.js";
import { readJobs, wasPlaced } from "./jobs.js";
import { placedStatus } from "./status.js";

/** The sweep to be cancelled. */
export interface Cancellation {
  /** Absolute path. */
  readonly folder: string;
  /** Name of its folder. */
  readonly sweep: string;
  /** ISO time of its first start. */
  readonly created: string;
  /** Number of its pending or running cells. */
  readonly jobs: number;
  /** Whether the user gave a name that matches only this sweep. */
  readonly isNamed: boolean;
  /** Other candidates, whose ledger is damaged. */
  readonly skipped: readonly SkippedRun[];
}

/**
 * Finds, among the sweeps that match a name (all sweeps if undefined), the latest one that was submitted to
 * Slurm. @throws N2uqError N2UQ_SWEEP_UNKNOWN, N2UQ_SWEEP_DAMAGED, N2UQ_SLURM_*
 */
export async function chooseSweep(
  runs: string,
  name: string | undefined,
  hash: string | undefined,
): Promise<Cancellation> {
  const { sweeps, skipped } = findSweeps(runs, name);
  const placed = sweeps.filter(({ folder }) => wasPlaced(folder));
  const latest = placed.at(-1);
  if (latest === undefined)
    throw new N2uqError("N2UQ_SLURM_NO_JOBS", { sweep: basename(sweeps.at(-1)?.folder ?? "") });
  const { folder, ledger } = latest;
  const { cells, problem } = await placedStatus(runs, folder);
  if (problem !== undefined) throw problem;
  const live = cells.filter(
    (cell) => cell.status.scheduler?.live === true && (hash === undefined || cell.hash.startsWith(hash)),
  );
  const isNamed = name !== undefined && sweeps.length === 1;
  return { folder, sweep: basename(folder), created: ledger.created, jobs: live.length, isNamed, skipped };
}

/** Maximum number of elements per scancel call: command lines are limited. */
const AT_ONCE = 500;

export interface CancelChoice {
  /** Cancel only the cell with this hash prefix. */
  readonly hash?: string;
  /** Cancel only pending cells; running cells continue. */
  readonly waiting?: boolean;
}

/**
 * Cancels a sweep's pending and running cells in Slurm. A running cell writes its checkpoint first. @returns
 * the cancelled cells @throws N2uqError N2UQ_SLURM_*, N2UQ_SWEEP_UNKNOWN_CELL
 */
export async function cancelCells(
  runs: string,
  folder: string,
  { hash, waiting = false }: CancelChoice = {},
): Promise<readonly LedgerCell[]> {
  const sweep = basename(folder);
  if (readJobs(folder) === null) throw new N2uqError("N2UQ_SLURM_NO_JOBS", { sweep });
  const { cells, problem } = await placedStatus(runs, folder);
  if (problem !== undefined) throw problem;
  const matching = cells.filter((cell) => hash === undefined || cell.hash.startsWith(hash));
  if (hash !== undefined && matching.length !== 1)
    throw new N2uqError("N2UQ_SWEEP_UNKNOWN_CELL", { hash, sweep, count: matching.length });
  const live = matching.filter(
    ({ status }) => status.scheduler?.live === true && !(waiting && status.state === "running"),
  );
  const jobs = live.flatMap(({ status }) => status.scheduler?.job ?? []);
  for (let from = 0; from < jobs.length; from += AT_ONCE)
    await slurmCommand("scancel", jobs.slice(from, from + AT_ONCE));
  return live;
}
