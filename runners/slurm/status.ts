import { join } from "node:path";
import { N2uqError } from "../../src/errors.js";
import { type RunStatus, statusOf } from "../../src/runs/state.js";
import { type SweepStatus, sweepStatus } from "../sweep/ledger.js";
import { type Element, elementsOf, readJobs } from "./jobs.js";
import { merged } from "./merge.js";
import { lastNoted, type QueueStatus, readQueue, wordOf } from "./queue.js";

/** A sweep's status, including the scheduler's. */
export interface PlacedStatus extends SweepStatus {
  /** Whether any part of the sweep was submitted to Slurm. */
  readonly placed: boolean;
  /** Why Slurm could not be queried; in this case the status is from files only. */
  readonly problem?: N2uqError;
}

/** Slurm's view of a sweep, to be merged with its run directories. */
export interface SlurmView {
  readonly elements: ReadonlyMap<string, Element>;
  readonly queue: ReadonlyMap<string, QueueStatus>;
}

/** Null for a sweep that was never submitted to Slurm. @throws N2uqError N2UQ_SLURM_* */
export async function askSlurm(folder: string): Promise<SlurmView | null> {
  const book = readJobs(folder);
  if (book === null) return null;
  return { elements: elementsOf(folder, book), queue: await readQueue(book.submissions) };
}

/** The status of the run in a directory, merged with Slurm's previous answer. */
export function placedState(directory: string, hash: string, { elements, queue }: SlurmView): RunStatus {
  const files = statusOf(directory);
  const element = elements.get(hash);
  return element === undefined ? files : merged(files, element, wordOf(queue, element), lastNoted(element));
}

/**
 * The status of every cell of a sweep; queries Slurm if it was submitted there. @throws N2uqError
 * N2UQ_SWEEP_DAMAGED
 */
export async function placedStatus(runs: string, folder: string): Promise<PlacedStatus> {
  try {
    const view = await askSlurm(folder);
    const status = sweepStatus(runs, folder);
    if (view === null) return { ...status, placed: false };
    const cells = status.cells.map((cell) => ({
      ...cell,
      status: placedState(join(runs, cell.directory), cell.hash, view),
    }));
    return { ...status, cells, placed: true };
  } catch (error) {
    if (!(error instanceof N2uqError) || !error.code.startsWith("N2UQ_SLURM_")) throw error;
    return { ...sweepStatus(runs, folder), placed: true, problem: error };
  }
}
