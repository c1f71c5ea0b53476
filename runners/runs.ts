import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { assignmentOf } from "../src/config/set.js";
import { toValue } from "../src/config/tree.js";
import { covers } from "../src/sweep/covers.js";
import { splitTopLevel } from "../src/sweep/split.js";
import { lockRun } from "../src/train/lock.js";
import { runNames } from "./runIndex.js";
import type { RunStatus } from "./state.js";
import { statusOf } from "./state.js";

/** What a run must have to be listed; everything that is given. */
export interface RunFilter {
  /** Beginnings of directory names. */
  readonly names?: readonly string[];
  /** `method=n2uq,bits=2`, also `state=done`; values of the resolved experiment by short name or path. */
  readonly where?: readonly string[];
}

const sorts = {
  name: (a: RunStatus, b: RunStatus) => (a.directory < b.directory ? -1 : 1),
  state: (a: RunStatus, b: RunStatus) => (a.state < b.state ? -1 : a.state > b.state ? 1 : 0),
  top1: (a: RunStatus, b: RunStatus) => (b.record?.best.top1 ?? -1) - (a.record?.best.top1 ?? -1),
  loss: (a: RunStatus, b: RunStatus) =>
    (a.record?.best.loss ?? Number.MAX_VALUE) - (b.record?.best.loss ?? Number.MAX_VALUE),
  size: (a: RunStatus, b: RunStatus) =>
    (a.record?.totals.packedBytes ?? Number.MAX_VALUE) - (b.record?.totals.packedBytes ?? Number.MAX_VALUE),
  bitops: (a: RunStatus, b: RunStatus) =>
    (a.record?.totals.bitOps ?? Number.MAX_VALUE) - (b.record?.totals.bitOps ?? Number.MAX_VALUE),
};

export type RunSort = keyof typeof sorts;
export const RUN_SORTS = Object.keys(sorts) as RunSort[];

/**
 * The runs of a folder, by their files alone.
 * @throws N2uqError N2UQ_CONFIG_UNKNOWN_KEY, N2UQ_CONFIG_SET for a filter that cannot be read
 */
export function listRuns(
  runs: string,
  { names = [], where = [] }: RunFilter,
  sort: RunSort = "name",
): RunStatus[] {
  const wanted = where.flatMap(splitTopLevel).map(conditionOf);
  return runNames(runs)
    .filter((name) => names.length === 0 || names.some((beginning) => name.startsWith(beginning)))
    .map((name) => statusOf(join(runs, name)))
    .filter((status) => wanted.every((holds) => holds(status)))
    .sort(sorts[sort]);
}

/** Removes a run directory, under its lock. @throws N2uqError N2UQ_RUN_LOCKED where a living process holds it */
export async function removeRun({ directory }: RunStatus): Promise<void> {
  const lock = await lockRun(directory);
  try {
    rmSync(directory, { recursive: true });
  } finally {
    await lock.release();
  }
}

type Condition = (status: RunStatus) => boolean;

function conditionOf(argument: string): Condition {
  const [key, value = ""] = argument.split("=", 2).map((part) => part.trim());
  if (key === "state") return ({ state }) => state === value;
  if (key === "name") return ({ name }) => name === value;
  const { path, value: tree } = assignmentOf(argument, "/", "--where");
  const wanted = toValue(tree);
  return (status) => covers(experimentOf(status), path, wanted);
}

/** `resolved.yaml`, which has every value. A run without one has none of them. */
function experimentOf({ directory }: RunStatus): unknown {
  try {
    return parse(readFileSync(join(directory, "resolved.yaml"), "utf8"));
  } catch {
    return {};
  }
}
