import { rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { N2uqError } from "../src/errors.js";
import type { RunChoice } from "./chooseRuns.js";
import { chooseRuns } from "./chooseRuns.js";
import { RunRecords } from "./runRecords.js";
import type { RunStatus } from "./state.js";
import { statusOf } from "./state.js";

/** What a run must have to be listed; everything that is given. */
export interface RunFilter extends RunChoice {
  /** Paths, beginnings of directory names, or of hashes (4 digits or more). */
  readonly names?: readonly string[];
}

/**
 * The runs of a folder, by their files alone.
 * @throws N2uqError N2UQ_CONFIG_UNKNOWN_KEY, N2UQ_CONFIG_SET for a filter that cannot be read
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

/** Removes a run directory. @throws N2uqError N2UQ_RUN_LOCKED where a living process holds it */
export function removeRun({ directory, holder }: RunStatus): void {
  if (holder !== undefined) {
    const { pid, host } = holder;
    throw new N2uqError("N2UQ_RUN_LOCKED", { directory, pid, host, file: join(directory, "lock") });
  }
  rmSync(directory, { recursive: true });
}
