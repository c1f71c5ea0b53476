import { basename } from "node:path";
import { N2uqError } from "../../src/errors.js";
import type { LedgerCell } from "../sweep/ledger.js";
import { slurmCommand } from "./client.js";
import { readJobs } from "./jobs.js";
import { placedStatus } from "./status.js";

/** Elements named to one scancel; a command line has its limits. */
const AT_ONCE = 500;

export interface CancelChoice {
  /** Only the cell whose hash begins so. */
  readonly hash?: string;
  /** Only what waits; what runs goes on. */
  readonly waiting?: boolean;
}

/**
 * Cancels what of a sweep waits or runs in Slurm. A running cell writes its checkpoint first.
 * @returns the cells that were cancelled
 * @throws N2uqError N2UQ_SLURM_*, N2UQ_SWEEP_UNKNOWN_CELL
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
  const wanted = cells.filter((cell) => hash === undefined || cell.hash.startsWith(hash));
  if (hash !== undefined && wanted.length !== 1) {
    throw new N2uqError("N2UQ_SWEEP_UNKNOWN_CELL", { hash, sweep, count: wanted.length });
  }
  const live = wanted.filter(
    ({ status }) => status.scheduler?.live === true && !(waiting && status.state === "running"),
  );
  const jobs = live.flatMap(({ status }) => status.scheduler?.job ?? []);
  for (let from = 0; from < jobs.length; from += AT_ONCE) {
    await slurmCommand("scancel", jobs.slice(from, from + AT_ONCE));
  }
  return live;
}
