import { join } from "node:path";
import { N2uqError } from "../src/errors.js";
import { reportPage } from "../src/report/html/page.js";
import type { FilledTable } from "../src/report/tables/types.js";
import { findDirectories, noRuns, summaries } from "../src/runs/findRuns.js";
import { readDetails } from "../src/runs/history.js";
import { RunIndex } from "../src/runs/runIndex.js";
import { isRunDirectory, RunRecords } from "../src/runs/runRecords.js";
import type { RunSummary, SkippedRun } from "../src/runs/summary.js";
import { readSweep } from "../src/sweep/read.js";
import { chooseRuns, type RunChoice } from "./chooseRuns.js";
import { isFile, type RunPlace } from "./experimentRun.js";
import { nearRuns } from "./nearRuns.js";
import { maxBitsModelOf } from "./search.js";
import { resolveCells } from "./sweep/cells.js";
import { findSweeps } from "./sweep/ledger.js";
import { fillTable } from "./table.js";
import { writeNamed } from "./writing.js";

/** Maximum number of runs with a separate section each; browsers cannot show a page with more sections. */
export const MOST_DETAILED = 200;
/** Maximum number of missing cells for which similar runs are listed. */
const MOST_NEAR = 5;

/** The content of a report. */
export interface WrittenReport {
  readonly file: string;
  /** Names of its run directories. */
  readonly runs: readonly string[];
  /** Whether each run has a separate section; otherwise all runs are only in the overview. */
  readonly detailed: boolean;
  readonly skipped: readonly SkippedRun[];
}

/** Run directories, the reasons why others are skipped, and tables over them. */
interface Wanted {
  readonly directories: readonly string[];
  readonly reasons?: ReadonlyMap<string, string>;
  readonly table?: FilledTable;
}

/**
 * Writes a report to `file`: runs, sweeps by name, or the runs of experiment, sweep and table files; all
 * finished runs by default. Filters and sorts as chosen. @throws N2uqError N2UQ_REPORT_NO_RUNS,
 * N2UQ_REPORT_UNKNOWN_RUN; as for sweeps and tables, and as `chooseRuns`
 */
export async function writeReport(
  place: RunPlace,
  asked: readonly string[],
  file: string,
  choice: RunChoice = {},
): Promise<WrittenReport> {
  const records = new RunRecords(place.runs);
  const requested: Wanted[] = [];
  for (const one of asked) requested.push(await wantedBy(one, place, records));
  if (asked.length === 0) requested.push({ directories: records.directories });
  const directories = [...new Set(requested.flatMap((one) => one.directories))];
  const tables = requested.flatMap(({ table }) => (table === undefined ? [] : [table]));
  const found = summaries(directories, records);
  const runs = chosen(found.runs, choice, records);
  const reasons = new Map(requested.flatMap((one) => [...(one.reasons ?? [])]));
  const skipped = found.skipped.map((run) => ({ ...run, reason: reasons.get(run.directory) ?? run.reason }));
  records.save();
  if (runs.length + tables.length === 0) throw noRuns(place.runs, skipped);
  const detailed = runs.length <= MOST_DETAILED;
  const page = detailed
    ? reportPage(runs.map(readDetails), skipped, tables)
    : reportPage([], skipped, tables, runs);
  await writeNamed(file, file, [page]);
  return { file, runs: runs.map(({ id }) => id), detailed, skipped };
}

function chosen(runs: readonly RunSummary[], choice: RunChoice, records: RunRecords): readonly RunSummary[] {
  const done = runs.map((run) => ({ ...run, name: run.record.name, state: "done" as const }));
  return chooseRuns(done, choice, records);
}

async function wantedBy(asked: string, place: RunPlace, records: RunRecords): Promise<Wanted> {
  const { runs, cwd } = place;
  if (isFile(asked, cwd)) return ofFile(asked, place, records);
  try {
    return { directories: findDirectories(runs, [asked], records) };
  } catch (error) {
    const ledger = sweepNamed(runs, asked);
    if (ledger === null) throw error;
    return { directories: ledger.cells.map(({ directory }) => join(runs, directory)) };
  }
}

async function ofFile(
  asked: string,
  { runs, cwd, ...options }: RunPlace,
  records: RunRecords,
): Promise<Wanted> {
  const spec = await readSweep([asked], {}, cwd);
  const { cells } = await resolveCells(spec, { ...options, cwd }, runs);
  const maxBitsModel =
    spec.search === undefined ? [] : [await maxBitsModelOf(spec, { ...options, cwd }, runs)];
  const all = [...cells, ...maxBitsModel];
  const directories = all.map(({ directory }) => directory);
  const index = new RunIndex(runs);
  const absent = all.filter(({ directory }) => !isRunDirectory(directory)).slice(0, MOST_NEAR);
  const reasons = new Map(
    absent.flatMap(({ directory, name, resolved }) => {
      const near = nearRuns(index, resolved, records);
      return near.length === 0
        ? []
        : [[directory, `not run yet; runs named ${name}: ${near.join("; ")}`] as const];
    }),
  );
  if (spec.table === undefined) return { directories, reasons };
  return { directories, reasons, table: await fillTable(asked, {}, { ...options, cwd }, runs) };
}

function sweepNamed(runs: string, name: string) {
  try {
    return findSweeps(runs, name).sweeps.at(-1)?.ledger ?? null;
  } catch (error) {
    if (error instanceof N2uqError && error.code === "N2UQ_SWEEP_UNKNOWN") return null;
    throw error;
  }
}
