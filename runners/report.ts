import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LoadOptions } from "../src/config/load.js";
import { N2uqError } from "../src/errors.js";
import type { SkippedRun } from "../src/report/history.js";
import { reportPage } from "../src/report/html/page.js";
import type { FilledTable } from "../src/report/tables/types.js";
import { readSweep } from "../src/sweep/read.js";
import { writeAtomic } from "../src/weights/atomic.js";
import { findDirectories, noRuns, readRuns } from "./findRuns.js";
import { widestOf } from "./search.js";
import { resolveCells } from "./sweep/cells.js";
import { findSweep, readLedger } from "./sweep/ledger.js";
import { fillTable } from "./table.js";

/** What a report was made of. */
export interface WrittenReport {
  readonly file: string;
  /** Names of the run directories that it shows. */
  readonly runs: readonly string[];
  readonly skipped: readonly SkippedRun[];
}

/** Where things are looked for. */
export interface ReportPlace extends LoadOptions {
  readonly cwd: string;
  readonly runs: string;
}

/** Run directories, and the tables over them. */
interface Wanted {
  readonly directories: readonly string[];
  readonly table?: FilledTable;
}

/**
 * Writes the report of what is asked for to `file`: runs, sweeps by name, experiment, sweep and table files with the runs that
 * they come to; all finished runs when nothing is named.
 * @throws N2uqError N2UQ_REPORT_NO_RUNS, N2UQ_REPORT_UNKNOWN_RUN; as sweeps and tables are read
 */
export async function writeReport(
  place: ReportPlace,
  asked: readonly string[],
  file: string,
): Promise<WrittenReport> {
  const wanted: Wanted[] = [];
  for (const one of asked) wanted.push(await wantedBy(one, place));
  if (asked.length === 0) wanted.push({ directories: await findDirectories(place.runs, []) });
  const directories = [...new Set(wanted.flatMap((one) => one.directories))];
  const tables = wanted.flatMap(({ table }) => (table === undefined ? [] : [table]));
  const { runs, skipped } = await readRuns(directories);
  if (runs.length + tables.length === 0) throw noRuns(place.runs, skipped);
  await writeAtomic(file, [reportPage(runs, skipped, tables)]);
  return { file, runs: runs.map(({ id }) => id), skipped };
}

async function wantedBy(asked: string, place: ReportPlace): Promise<Wanted> {
  const { runs, cwd } = place;
  if (/\.ya?ml$/i.test(asked) && existsSync(resolve(cwd, asked))) return ofFile(asked, place);
  try {
    return { directories: await findDirectories(runs, [asked]) };
  } catch (error) {
    const ledger = sweepNamed(runs, asked);
    if (ledger === null) throw error;
    return { directories: ledger.cells.map(({ directory }) => join(runs, directory)) };
  }
}

async function ofFile(asked: string, { runs, cwd, ...options }: ReportPlace): Promise<Wanted> {
  const spec = await readSweep([asked], {}, cwd);
  const { cells } = await resolveCells(spec, { ...options, cwd }, runs);
  const widest = spec.search === undefined ? [] : [await widestOf(spec, { ...options, cwd }, runs)];
  const directories = [...cells, ...widest].map(({ directory }) => directory);
  if (spec.table === undefined) return { directories };
  return { directories, table: await fillTable(asked, {}, { ...options, cwd }, runs) };
}

function sweepNamed(runs: string, name: string) {
  try {
    return readLedger(findSweep(runs, name));
  } catch (error) {
    if (error instanceof N2uqError && error.code === "N2UQ_SWEEP_UNKNOWN") return null;
    throw error;
  }
}
