import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { namesIn } from "../files/names.js";
import { deadLines } from "./deadLayers.js";
import { readMetrics } from "./metricsFile.js";
import { type FixedExperiment, fixedSince } from "./numerics.js";
import type { Analysis } from "./record.js";
import { ANALYSIS, analysisOf, RESULT, readRecord, readRunFile, restored, SOURCES } from "./runFiles.js";
import { RESOLVED, type RunRecords, readResolved } from "./runRecords.js";
import type { RunHistory, RunSummary, SearchRecord, SkippedRun } from "./summary.js";

const MOST_STEPS = 4096;

type ReadsRuns = Pick<RunRecords, "record" | "resolved">;

/** Reads the result and experiment of a finished run; skips a run without a readable result. */
export function readSummary(
  directory: string,
  records: ReadsRuns = { record: readRecord, resolved: readResolved },
): RunSummary | SkippedRun {
  const record = records.record(directory);
  if (record.state === "damaged") return { directory, reason: `${RESULT} is damaged: ${record.reason}` };
  if (record.state === "absent")
    return { directory, reason: existsSync(directory) ? `not finished: it has no ${RESULT}` : "not run yet" };
  const resolved = records.resolved(directory);
  const notes =
    resolved.state === "read"
      ? []
      : [
          resolved.state === "absent"
            ? `There is no ${RESOLVED}: the experiment's values are not shown.`
            : `${RESOLVED} can't be read (${resolved.reason}): the experiment's values are not shown.`,
        ];
  const value = resolved.state === "read" ? resolved.value : null;
  const fixed = fixedSince(record.value.numerics, (value ?? {}) as FixedExperiment).map(
    (what) => `computed before a fix: ${what}`,
  );
  const id = basename(directory);
  const dead = deadLines(record.value).map((line) => `${line}.`);
  return { id, directory, record: record.value, resolved: value, notes: [...dead, ...notes, ...fixed] };
}

export function isSkipped<Run extends object>(run: Run | SkippedRun): run is SkippedRun {
  return "reason" in run;
}

/** Reads the other files of a run directory. Lists unreadable files in the notes. */
export function readDetails(summary: RunSummary): RunHistory {
  const { directory, record } = summary;
  const notes: string[] = [];
  const analysis = readAnalysis(directory, record.hash, notes);
  const { steps, epochs } = readMetrics(directory, notes, MOST_STEPS);
  const sources = readSources(directory, notes);
  const searches = readSearches(directory, notes);
  return { ...summary, steps, epochs, analysis, searches, sources, notes: [...notes, ...summary.notes] };
}

function readAnalysis(directory: string, hash: string, notes: string[]): Analysis | null {
  const read = readRunFile(join(directory, ANALYSIS), "analysis");
  const without = "thresholds, levels and layer costs are not shown";
  const analysis = read.state === "read" ? analysisOf(read.value) : null;
  if (read.state === "absent") notes.push(`There is no ${ANALYSIS} (an older version ran this): ${without}.`);
  else if (read.state === "damaged") notes.push(`${ANALYSIS} is damaged (${read.reason}): ${without}.`);
  else if (read.value.hash !== hash)
    notes.push(`${ANALYSIS} is damaged (it belongs to another experiment): ${without}.`);
  else if (analysis === null)
    notes.push(`The quantizers contain values that are not numbers (the run diverged): ${without}.`);
  else return analysis;
  return null;
}

function readSources(directory: string, notes: string[]): RunHistory["sources"] {
  const read = readRunFile(join(directory, SOURCES), "sources");
  if (read.state === "read") return read.value;
  if (read.state === "damaged")
    notes.push(`${SOURCES} is damaged (${read.reason}): the origins of values are not shown.`);
  return null;
}

function readSearches(directory: string, notes: string[]): SearchRecord[] {
  const names = namesIn(directory).filter((name) => /^search-.*\.json$/.test(name));
  return names.flatMap((name) => {
    const read = readRunFile(join(directory, name), "searchRecord");
    if (read.state === "damaged")
      notes.push(`${name} is damaged (${read.reason}): that search is not shown.`);
    return read.state === "read" ? restored(read.value) : [];
  });
}
