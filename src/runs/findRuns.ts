import { basename, dirname } from "node:path";
import { N2uqError } from "../errors.js";
import { userPath } from "../userPath.js";
import { isSkipped, readSummary } from "./history.js";
import { RunRecords, runAt } from "./runRecords.js";
import type { RunSummary, SkippedRun } from "./summary.js";

/** `<name>-<hash8>`: a run directory's name, unless the user renamed it. */
const NAMED = /^(.+)-([0-9a-f]{8})$/;
const SHORTEST_HASH = 4;

/** Readable and unreadable runs, in the order in which they were found. */
export interface FoundRuns {
  readonly runs: readonly RunSummary[];
  readonly skipped: readonly SkippedRun[];
}

/**
 * The directories of the requested runs: paths, with or without a trailing slash; names of directories or
 * experiments; prefixes of hashes (4 digits or more); prefixes of directory names. If several kinds match,
 * the first of this list takes precedence. @throws N2uqError N2UQ_REPORT_UNKNOWN_RUN
 */
export function findDirectories(
  runs: string,
  asked: readonly string[],
  records: RunRecords,
): readonly string[] {
  const all = records.directories;
  if (asked.length === 0) return all;
  return [...new Set(asked.flatMap((one) => directoriesOf(one, runs, records)))];
}

/** Reads the results and experiments of run directories, in the given order. */
export function summaries(directories: readonly string[], records: RunRecords): FoundRuns {
  const read = directories.map((directory) => readSummary(directory, records));
  return { runs: read.filter((run): run is RunSummary => !isSkipped(run)), skipped: read.filter(isSkipped) };
}

/** The error if none of the requested runs is finished. */
export function noRuns(folder: string, skipped: readonly SkippedRun[]): N2uqError {
  const reasons = skipped.slice(0, 5).map(({ directory, reason }) => `${basename(directory)} is ${reason}`);
  if (skipped.length > 5) reasons.push(`${skipped.length - 5} more`);
  return new N2uqError("N2UQ_REPORT_NO_RUNS", { folder, reasons: reasons.join("; ") || "it has no runs" });
}

/**
 * Reads the result and the experiment of exactly one finished run.
 * @throws N2uqError N2UQ_REPORT_AMBIGUOUS_RUN, N2UQ_REPORT_UNKNOWN_RUN, N2UQ_REPORT_NO_RUNS
 */
export function findRun(runs: string, asked: string, records = new RunRecords(runs)): RunSummary {
  const { runs: found, skipped } = summaries(findDirectories(runs, [asked], records), records);
  const [run, other] = found;
  if (run === undefined) throw noRuns(runs, skipped);
  if (other === undefined) return run;
  const names = found.slice(0, 8).map(({ id }) => id);
  if (found.length > 8) names.push(`${found.length - 8} more`);
  throw new N2uqError("N2UQ_REPORT_AMBIGUOUS_RUN", { asked, names: names.join(", ") });
}

function directoriesOf(asked: string, runs: string, records: RunRecords): readonly string[] {
  const path = userPath(asked);
  const at = asked === "" ? null : runAt(path);
  if (at !== null) return [at];
  const all = records.directories;
  const beginning = dirname(path) === runs && asked !== basename(path) ? basename(path) : asked;
  const isHash = asked.length >= SHORTEST_HASH && /^[0-9a-f]+$/i.test(asked);
  const tiers: readonly ((directory: string) => boolean)[] = [
    (directory) => basename(directory) === beginning,
    (directory) => asked !== "" && nameOf(directory, records) === asked,
    (directory) => isHash && hashOf(directory, records).startsWith(asked.toLowerCase()),
    (directory) => beginning !== "" && basename(directory).startsWith(beginning),
  ];
  const found = tiers.map((tier) => all.filter(tier)).find((some) => some.length > 0);
  if (found !== undefined) return found;
  const names = all.map((directory) => basename(directory));
  const known = names.length > 0 ? names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "") : "none";
  throw new N2uqError("N2UQ_REPORT_UNKNOWN_RUN", { asked, folder: runs, known });
}

/** The experiment's name: from the record if there is one, otherwise from the directory's name. */
function nameOf(directory: string, records: RunRecords): string {
  const read = records.record(directory);
  return read.state === "read" ? read.value.name : (NAMED.exec(basename(directory))?.[1] ?? "");
}

function hashOf(directory: string, records: RunRecords): string {
  const read = records.record(directory);
  return read.state === "read" ? read.value.hash : (NAMED.exec(basename(directory))?.[2] ?? "");
}
