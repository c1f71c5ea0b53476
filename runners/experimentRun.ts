import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadOptions } from "../src/config/load.js";
import { N2uqError } from "../src/errors.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { findRun } from "../src/runs/findRuns.js";
import { isSkipped, readSummary } from "../src/runs/history.js";
import { RunIndex } from "../src/runs/runIndex.js";
import { RunRecords, runAt } from "../src/runs/runRecords.js";
import type { RunSummary } from "../src/runs/summary.js";
import { nearRuns } from "./nearRuns.js";
import { resolveFile } from "./resolve.js";

/** Folders of experiments and runs. */
export interface RunPlace extends LoadOptions {
  readonly cwd: string;
  readonly runs: string;
}

/** Whether the argument is an experiment, sweep or table file, not a run. */
export function isFile(asked: string, cwd: string): boolean {
  const path = resolve(cwd, asked);
  return /\.ya?ml$/i.test(asked) && existsSync(path) && runAt(path) === null;
}

/**
 * Finds one finished run, by an experiment file or by any name that `findDirectories` accepts. @throws
 * N2uqError N2UQ_EVALUATE_NO_RUN, N2UQ_REPORT_*; as `resolveFile`
 */
export async function findNamedRun(asked: string, { runs, ...options }: RunPlace): Promise<RunSummary> {
  const records = new RunRecords(runs);
  if (!isFile(asked, options.cwd)) return findRun(runs, asked, records);
  const { resolved, hash } = await resolveFile(asked, { ...options, readsOnly: true });
  const directories = new RunIndex(runs);
  const directory = directories.directory(resolved.name, hash);
  const read = readSummary(directory, records);
  if (!isSkipped(read)) return read;
  throw noRunOf(resolved, read.directory, read.reason, nearRuns(directories, resolved, records));
}

/** The error for an experiment without a finished run; lists existing runs of its name. */
export function noRunOf(
  { name }: ResolvedExperiment,
  directory: string,
  reason: string,
  near: readonly string[],
): N2uqError {
  const hint =
    near.length === 0
      ? undefined
      : `Runs named ${name}: ${near.join("; ")}. Give the same \`--set\`, \`--profile\` and \`--engine\` as with \`n2uq run\`, or name a run by its directory.`;
  return new N2uqError("N2UQ_EVALUATE_NO_RUN", { name, directory, reason }, { hint });
}
