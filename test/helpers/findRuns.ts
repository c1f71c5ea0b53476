import { findDirectories, noRuns, summaries } from "../../src/runs/findRuns.js";
import { readDetails } from "../../src/runs/history.js";
import { RunRecords } from "../../src/runs/runRecords.js";
import type { RunHistory, SkippedRun } from "../../src/runs/summary.js";

/**
 * The requested runs with their details, or all runs in the folder. @throws N2uqError
 * N2UQ_REPORT_UNKNOWN_RUN, N2UQ_REPORT_NO_RUNS if none of them is finished
 */
export function findRuns(
  runs: string,
  asked: readonly string[],
): { runs: RunHistory[]; skipped: readonly SkippedRun[] } {
  const records = new RunRecords(runs);
  const { runs: found, skipped } = summaries(findDirectories(runs, asked, records), records);
  records.save();
  if (found.length === 0) throw noRuns(runs, skipped);
  return { runs: found.map(readDetails), skipped };
}
