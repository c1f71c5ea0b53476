import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { N2uqError } from "../src/errors.js";
import type { RunHistory, SkippedRun } from "../src/report/history.js";
import { isSkipped, readHistory } from "./history.js";

/** `<name>-<hash8>` */
const RUN_DIRECTORY = /^(.+)-([0-9a-f]{8})$/;
const SHORTEST_PREFIX = 4;

/** Runs that were read, and those that could not be, in the order in which they were found. */
export interface FoundRuns {
  readonly runs: readonly RunHistory[];
  readonly skipped: readonly SkippedRun[];
}

/**
 * Reads the runs that are asked for: directories, or names, directory names or beginnings of hashes (4 digits or more)
 * that are looked up in the folder `runs`. Without arguments all that lie there.
 * @throws N2uqError N2UQ_REPORT_UNKNOWN_RUN, N2UQ_REPORT_NO_RUNS when none of them is finished
 */
export async function findRuns(runs: string, asked: readonly string[]): Promise<FoundRuns> {
  const found = await readRuns(await findDirectories(runs, asked));
  if (found.runs.length === 0) throw noRuns(runs, found.skipped);
  return found;
}

/** The directories of the runs that are asked for, as `findRuns` takes them. @throws N2uqError N2UQ_REPORT_UNKNOWN_RUN */
export async function findDirectories(runs: string, asked: readonly string[]): Promise<readonly string[]> {
  const all = await directoriesIn(runs);
  if (asked.length === 0) return all;
  const lists = await Promise.all(asked.map((one) => directoriesOf(one, runs, all)));
  return [...new Set(lists.flat())];
}

/** Reads runs by their directories, in that order. */
export async function readRuns(directories: readonly string[]): Promise<FoundRuns> {
  const read: (RunHistory | SkippedRun)[] = [];
  for (const directory of directories) read.push(await readHistory(directory));
  return {
    runs: read.filter((run): run is RunHistory => !isSkipped(run)),
    skipped: read.filter(isSkipped),
  };
}

/** The error where nothing of what was asked for is finished. */
export function noRuns(folder: string, skipped: readonly SkippedRun[]): N2uqError {
  const reasons = skipped.slice(0, 5).map(({ directory, reason }) => `${basename(directory)} is ${reason}`);
  if (skipped.length > 5) reasons.push(`${skipped.length - 5} more`);
  return new N2uqError("N2UQ_REPORT_NO_RUNS", { folder, reasons: reasons.join("; ") || "it holds no run" });
}

/**
 * Reads exactly one finished run.
 * @throws N2uqError N2UQ_REPORT_AMBIGUOUS_RUN, N2UQ_REPORT_UNKNOWN_RUN, N2UQ_REPORT_NO_RUNS
 */
export async function findRun(runs: string, asked: string): Promise<RunHistory> {
  const found = await findRuns(runs, [asked]);
  const [run, other] = found.runs;
  if (run === undefined || other !== undefined) {
    const names = found.runs.map(({ id }) => id).join(", ");
    throw new N2uqError("N2UQ_REPORT_AMBIGUOUS_RUN", { asked, names });
  }
  return run;
}

async function directoriesOf(asked: string, runs: string, all: readonly string[]): Promise<string[]> {
  const path = resolve(asked);
  if (await isRunDirectory(path)) return [path];
  const found = all.filter((directory) => {
    const name = basename(directory);
    const [, experiment = "", hash = ""] = RUN_DIRECTORY.exec(name) ?? [];
    const isPrefix = asked.length >= SHORTEST_PREFIX && hash.startsWith(asked.slice(0, 8).toLowerCase());
    return name === asked || experiment === asked || (isPrefix && /^[0-9a-f]+$/i.test(asked));
  });
  if (found.length > 0) return found;
  const names = all.map((directory) => basename(directory));
  const known = names.length > 0 ? names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "") : "none";
  throw new N2uqError("N2UQ_REPORT_UNKNOWN_RUN", { asked, folder: runs, known });
}

/** The run directories in a folder, by name; none where the folder is not there. */
async function directoriesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && RUN_DIRECTORY.test(entry.name));
  return names.map(({ name }) => join(folder, name)).sort();
}

async function isRunDirectory(path: string): Promise<boolean> {
  const exists = (file: string) =>
    stat(join(path, file)).then(
      () => true,
      () => false,
    );
  return (await exists("resolved.yaml")) || (await exists("result.json"));
}
