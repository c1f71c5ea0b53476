import type { SkippedRun } from "../src/report/history.js";
import { reportPage } from "../src/report/html/page.js";
import { writeAtomic } from "../src/weights/atomic.js";
import { findRuns } from "./findRuns.js";

/** What a report was made of. */
export interface WrittenReport {
  readonly file: string;
  /** Names of the run directories that it shows. */
  readonly runs: readonly string[];
  readonly skipped: readonly SkippedRun[];
}

/**
 * Writes the report of the runs that are asked for (all finished ones when none is named) to `file`.
 * @throws N2uqError N2UQ_REPORT_NO_RUNS, N2UQ_REPORT_UNKNOWN_RUN
 */
export async function writeReport(
  runsFolder: string,
  asked: readonly string[],
  file: string,
): Promise<WrittenReport> {
  const { runs, skipped } = await findRuns(runsFolder, asked);
  await writeAtomic(file, [reportPage(runs, skipped)]);
  return { file, runs: runs.map(({ id }) => id), skipped };
}
