import { basename } from "node:path";
import { parse } from "yaml";
import { differences, shownValue } from "../src/report/difference.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { RunIndex } from "../src/runs/runIndex.js";
import type { RunRecords } from "../src/runs/runRecords.js";
import { statusOf } from "../src/runs/state.js";
import { resolvedYaml } from "./result.js";

const MOST_RUNS = 3;
const MOST_VALUES = 3;
/** Settings that decide no result, so they do not distinguish runs. */
const IDLE = /^(data\.root|training\.checkpoint\b)/;

/**
 * Existing runs of an experiment's name with their differences, for a message about a missing run:
 * `tiny-0faafb49 (training.epochs 3 instead of 5)`. Empty if there are none.
 */
export function nearRuns(
  directories: RunIndex,
  resolved: ResolvedExperiment,
  records: RunRecords,
): readonly string[] {
  const expected = parse(resolvedYaml({ directories }, resolved)) as unknown;
  const near = records.directories.filter((directory) => statusOf(directory, records).name === resolved.name);
  const lines = near.slice(0, MOST_RUNS).map((directory) => {
    const { state } = statusOf(directory, records);
    const words = [...(state === "done" ? [] : [state]), ...apart(records.resolved(directory), expected)];
    return `${basename(directory)} (${words.join(", ")})`;
  });
  return near.length > MOST_RUNS ? [...lines, `${near.length - MOST_RUNS} more`] : lines;
}

function apart(found: ReturnType<RunRecords["resolved"]>, wanted: unknown): readonly string[] {
  if (found.state !== "read") return ["its experiment can't be read"];
  const all = differences([found.value, wanted]).filter(({ path }) => !IDLE.test(path));
  if (all.length === 0) return ["the same values, run by another version"];
  const words = all
    .slice(0, MOST_VALUES)
    .map(
      ({ path, values: [there = null, here = null] }) =>
        `${path} ${shownValue(there)} instead of ${shownValue(here)}`,
    );
  return all.length > MOST_VALUES ? [...words, `${all.length - MOST_VALUES} more`] : words;
}
