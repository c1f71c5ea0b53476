import { assignmentOf, plainText } from "../src/config/set.js";
import { toValue } from "../src/config/tree.js";
import type { RunRecord } from "../src/runs/record.js";
import type { RunRecords } from "../src/runs/runRecords.js";
import type { RunStatus } from "../src/runs/state.js";
import { covers } from "../src/sweep/covers.js";
import { splitTopLevel } from "../src/sweep/split.js";

/** Filter and order of runs. */
export interface RunChoice {
  /** `method=n2uq,bits=2`, also `state=done`; values of the resolved experiment by short name or path. */
  readonly where?: readonly string[];
  readonly sort?: RunSort;
  readonly limit?: number;
}

type Order = (a: RunStatus, b: RunStatus) => number;

const byName: Order = (a, b) => compare(a.directory, b.directory);

/** Sorts ascending by a number in the result; runs without a result are last. */
function ascending(of: (record: RunRecord) => number): Order {
  const key = ({ record }: RunStatus): number => {
    const value = record === undefined ? Number.NaN : of(record);
    return Number.isNaN(value) ? Number.MAX_VALUE : value;
  };
  return (a, b) => key(a) - key(b) || byName(a, b);
}

const sorts = {
  name: byName,
  state: (a: RunStatus, b: RunStatus) => compare(a.state, b.state) || byName(a, b),
  top1: ascending(({ best }) => -best.top1),
  loss: ascending(({ best }) => best.loss),
  size: ascending(({ totals }) => totals.packedBytes),
  bitops: ascending(({ totals }) => totals.bitOps),
};

export type RunSort = keyof typeof sorts;
export const RUN_SORTS = Object.keys(sorts) as RunSort[];

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Filters, sorts and limits runs. @throws N2uqError N2UQ_CONFIG_UNKNOWN_KEY, N2UQ_CONFIG_SET for an invalid
 * filter
 */
export function chooseRuns<Run extends RunStatus>(
  all: readonly Run[],
  { where = [], sort, limit }: RunChoice,
  records: RunRecords,
): readonly Run[] {
  const conditions = where.flatMap(splitTopLevel).map((argument) => conditionOf(argument, records));
  const chosen = all.filter((run) => conditions.every((holds) => holds(run)));
  const sorted = sort === undefined ? chosen : [...chosen].sort(sorts[sort]);
  return limit === undefined ? sorted : sorted.slice(0, limit);
}

function conditionOf(argument: string, records: RunRecords): (status: RunStatus) => boolean {
  const equals = argument.indexOf("=");
  const key = argument.slice(0, Math.max(0, equals)).trim();
  if (key === "state" || key === "name") {
    const value = plainText(argument.slice(equals + 1), argument, "--where");
    return (status) => status[key] === value;
  }
  const { path, value: tree } = assignmentOf(argument, "/", "--where");
  const wanted = toValue(tree);
  return ({ directory }) => {
    const resolved = records.resolved(directory);
    // A run without a readable experiment matches no value.
    return resolved.state === "read" && covers(resolved.value, path, wanted);
  };
}
