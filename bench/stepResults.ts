import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Conditions } from "./stepConditions.js";
import type { Figures } from "./stepSide.js";

/** The measured comparison of a case with a peer: one line of the file of results. */
export interface Result {
  readonly case: string;
  readonly peer: string;
  /** All that decides whether the figures still hold. */
  readonly conditions: Conditions;
  readonly ours: Figures;
  readonly theirs: Figures;
  /** The commit, with `-dirty` if files were changed, and the time, to find a measurement again. */
  readonly revision: string;
  readonly finished: string;
}

/** The file of results: `RESULTS`, or bench/results/step.jsonl. */
export function resultsFile(): string {
  return process.env.RESULTS ?? join("bench", "results", "step.jsonl");
}

/**
 * The results in a file, in the order of their measurement. A truncated line, left by an interruption, is ignored.
 */
export function readResults(file: string): readonly Result[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").flatMap(parsed);
}

function parsed(line: string): Result[] {
  try {
    const value: Result = JSON.parse(line);
    return typeof value === "object" && [value.case, value.peer].every((name) => typeof name === "string")
      ? [value]
      : [];
  } catch {
    return [];
  }
}

export function appendResult(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  const cut = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, "utf8"));
  appendFileSync(file, `${cut ? "\n" : ""}${JSON.stringify(result)}\n`);
}

/** Removes the results that `unwanted` selects, and truncated lines. */
export function removeResults(file: string, unwanted: (result: Result) => boolean): void {
  if (!existsSync(file)) return;
  const kept = readResults(file).filter((result) => !unwanted(result));
  writeFileSync(`${file}.new`, kept.map((result) => `${JSON.stringify(result)}\n`).join(""));
  renameSync(`${file}.new`, file);
}

/** The last result of a comparison; undefined if there is none. */
export function lastResult(
  results: readonly Result[],
  which: { readonly case: string; readonly peer: string; readonly engine: string },
): Result | undefined {
  return results.findLast((result) => isOf(result, which));
}

/** The last result of every comparison. */
export function lastResults(results: readonly Result[]): readonly Result[] {
  return results.filter((result, at) => {
    const { case: name, peer, conditions } = result;
    const which = { case: name, peer, engine: conditions.engine };
    return !results.slice(at + 1).some((later) => isOf(later, which));
  });
}

function isOf(result: Result, which: { case: string; peer: string; engine: string }): boolean {
  return (
    result.case === which.case && result.peer === which.peer && result.conditions.engine === which.engine
  );
}

/** The names of the conditions that differ: why a result no longer holds. */
export function changes(before: Conditions, now: Conditions): readonly string[] {
  const names = Object.keys({ ...before, ...now }) as (keyof Conditions)[];
  return names.filter((name) => !isDeepStrictEqual(before[name], now[name]));
}
