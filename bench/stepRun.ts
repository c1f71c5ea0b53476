import type { Conditions } from "./stepConditions.js";
import type { Comparison } from "./stepPeers.js";
import type { Result } from "./stepResults.js";
import { appendResult, changes, lastResult, readResults, removeResults } from "./stepResults.js";
import type { Figures } from "./stepSide.js";

interface Run {
  /** The file of results. */
  readonly file: string;
  readonly revision: string;
  /** Measure even what is measured. */
  readonly fresh: boolean;
  conditionsOf(comparison: Comparison): Conditions;
  /** Both sides' figures, ours first. */
  measure(comparison: Comparison): Promise<readonly [Figures, Figures]>;
  report(line: string): void;
}

/**
 * Measures each comparison that has no result under the same conditions, and appends each result to the file as
 * soon as it is known: an interruption loses only the comparison in progress. A failed comparison has no result.
 *
 * @returns the results of the comparisons, in their order, and how many failed
 */
export async function measureMissing(
  comparisons: readonly Comparison[],
  { file, revision, fresh, conditionsOf, measure, report }: Run,
): Promise<{ readonly results: readonly Result[]; readonly failed: number }> {
  const planned = comparisons.map((comparison) => {
    const conditions = conditionsOf(comparison);
    const which = { case: comparison.stepCase.name, peer: comparison.peer };
    return { comparison, conditions, which, label: `${which.case}, ${which.peer}` };
  });
  const last = (which: { case: string; peer: string }, { engine }: Conditions) =>
    lastResult(readResults(file), { ...which, engine });
  // All at once, so that the next start after an interruption measures what is left.
  if (fresh) {
    removeResults(file, (result) =>
      planned.some(
        ({ which, conditions }) =>
          which.case === result.case &&
          which.peer === result.peer &&
          conditions.engine === result.conditions.engine,
      ),
    );
  }
  const results: Result[] = [];
  let failed = 0;
  for (const { comparison, conditions, which, label } of planned) {
    const known = last(which, conditions);
    const changed = known === undefined ? [] : changes(known.conditions, conditions);
    if (known !== undefined && changed.length === 0) {
      report(`${label}: measured ${known.finished}`);
      results.push(known);
      continue;
    }
    if (changed.length > 0) report(`${label}: measured again, because of ${changed.join(", ")}`);
    try {
      const [ours, theirs] = await measure(comparison);
      const finished = new Date().toISOString();
      const result = { ...which, conditions, ours, theirs, revision, finished };
      appendResult(file, result);
      results.push(result);
    } catch (error) {
      failed += 1;
      report(`${label}: failed, because ${error instanceof Error ? error.message : error}`);
    }
  }
  return { results, failed };
}
