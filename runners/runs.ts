import { rmSync } from "node:fs";
import { basename, resolve } from "node:path";
import { lockRun } from "../src/runs/lock.js";
import { RunRecords } from "../src/runs/runRecords.js";
import { type RunStatus, statusOf } from "../src/runs/state.js";
import { chooseRuns, type RunChoice } from "./chooseRuns.js";

/** Filter of a list of runs; all given conditions must hold. */
export interface RunFilter extends RunChoice {
  /** Paths, or prefixes of directory names or hashes (4 digits or more). */
  readonly names?: readonly string[];
}

/**
 * Lists the runs of a folder from their files. @throws N2uqError N2UQ_CONFIG_UNKNOWN_KEY, N2UQ_CONFIG_SET for
 * an invalid filter
 */
export function listRuns(
  runs: string,
  { names = [], sort = "name", ...choice }: RunFilter,
): readonly RunStatus[] {
  const records = new RunRecords(runs);
  const all = records.directories.map((directory) => statusOf(directory, records));
  const named = all.filter((run) => names.length === 0 || names.some((name) => isCalled(run, name)));
  const chosen = chooseRuns(named, { ...choice, sort }, records);
  records.save();
  return chosen;
}

function isCalled({ directory, record }: RunStatus, asked: string): boolean {
  const name = basename(directory);
  if (resolve(asked) === directory || name.startsWith(asked)) return true;
  return /^[0-9a-f]{4,}$/i.test(asked) && (record?.hash ?? name.slice(-8)).startsWith(asked.toLowerCase());
}

/** Removes a run directory, under its lock. @throws N2uqError N2UQ_RUN_LOCKED if a live process holds it */
export async function removeRun({ directory }: RunStatus): Promise<void> {
  const lock = await lockRun(directory);
  try {
    rmSync(directory, { recursive: true });
  } finally {
    await lock.release();
  }
}
