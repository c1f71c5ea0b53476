import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { deadLines } from "../src/report/deadLayers.js";
import type { EpochPoint, RunHistory, SearchRecord, SkippedRun, StepPoint } from "../src/report/history.js";
import { fixedSince } from "../src/resolve/numerics.js";
import type { ResolvedTraining } from "../src/resolve/types.js";
import type { Analysis, RunRecord } from "../src/train/record.js";
import { ANALYSIS, SOURCES } from "./analysis.js";
import { isAnalysis, isEpochPoint, isRecord, isSearch, isStepPoint } from "./shapes.js";

/** Reads a run back from its directory. What can't be told of it is in its notes; a run without a result is skipped. */
export async function readHistory(directory: string): Promise<RunHistory | SkippedRun> {
  const result = await readJson(join(directory, "result.json"));
  if (result.state === "absent") {
    return {
      directory,
      reason: existsSync(directory) ? "not finished: it has no result.json" : "not run yet",
    };
  }
  if (result.state === "broken") return { directory, reason: `result.json is damaged: ${result.reason}` };
  if (!isRecord(result.value)) return { directory, reason: "result.json is not a run's result" };
  const record: RunRecord = result.value;
  const notes = deadLines(record).map((line) => `${line}.`);
  const analysis = await readAnalysis(directory, record.hash, notes);
  const { steps, epochs } = await readMetrics(directory, notes);
  const resolved = await readYaml(directory, notes);
  const sources = await readSources(directory);
  const training = (resolved as { training?: Pick<ResolvedTraining, "precision"> } | null)?.training ?? {};
  for (const what of fixedSince(record.numerics, training)) notes.push(`computed before a fix: ${what}`);
  const searches = await readSearches(directory, notes);
  return {
    ...{ id: basename(directory), directory, record, steps, epochs },
    ...{ analysis, searches, resolved, sources, notes },
  };
}

async function readSearches(directory: string, notes: string[]): Promise<SearchRecord[]> {
  const names = (await readdir(directory)).filter((name) => /^search-.*\.json$/.test(name)).sort();
  const read = await Promise.all(names.map((name) => readJson(join(directory, name))));
  return read.flatMap((one, index) => {
    if (one.state === "read" && isSearch(one.value)) return [one.value];
    notes.push(`${names[index]} is damaged: that search is not shown.`);
    return [];
  });
}

export function isSkipped(run: RunHistory | SkippedRun): run is SkippedRun {
  return "reason" in run;
}

type Read =
  | { readonly state: "absent" }
  | { readonly state: "broken"; readonly reason: string }
  | { readonly state: "read"; readonly value: unknown };

async function readJson(file: string): Promise<Read> {
  try {
    return { state: "read", value: JSON.parse(await readFile(file, "utf8")) as unknown };
  } catch (error) {
    const absent = ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
    return absent ? { state: "absent" } : { state: "broken", reason: (error as Error).message };
  }
}

async function readAnalysis(directory: string, hash: string, notes: string[]): Promise<Analysis | null> {
  const read = await readJson(join(directory, ANALYSIS));
  if (read.state === "read" && isAnalysis(read.value) && read.value.hash === hash) return read.value;
  notes.push(
    read.state === "absent"
      ? "There is no analysis.json (an older version ran this): thresholds, levels and layer costs are not shown."
      : "analysis.json is damaged: thresholds, levels and layer costs are not shown.",
  );
  return null;
}

/** The curves' points; lines that a crash cut off are left out. */
export async function readMetrics(directory: string, notes: string[]) {
  const steps: StepPoint[] = [];
  const epochs: EpochPoint[] = [];
  let broken = 0;
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8").catch(() => null);
  if (text === null) notes.push("There is no metrics.jsonl: curves are not shown.");
  for (const line of (text ?? "").split("\n").filter((one) => one !== "")) {
    const entry = parsed(line);
    if (isStepPoint(entry)) steps.push(entry);
    else if (isEpochPoint(entry)) epochs.push(entry);
    else broken += 1;
  }
  if (broken > 0) notes.push(`${broken} lines of metrics.jsonl are damaged and left out.`);
  return { steps, epochs };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}

async function readYaml(directory: string, notes: string[]): Promise<unknown> {
  try {
    return parse(await readFile(join(directory, "resolved.yaml"), "utf8")) as unknown;
  } catch {
    notes.push("resolved.yaml can't be read: the experiment's values are not shown.");
    return null;
  }
}

async function readSources(directory: string): Promise<Record<string, string> | null> {
  const read = await readJson(join(directory, SOURCES));
  if (read.state !== "read" || typeof read.value !== "object" || read.value === null) return null;
  const entries = Object.entries(read.value).filter(([, place]) => typeof place === "string");
  return Object.fromEntries(entries) as Record<string, string>;
}
