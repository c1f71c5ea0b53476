import { basename } from "node:path";
import { N2uqError } from "../errors.js";
import type { Axis, CellDraft, SweepSpec } from "./types.js";

const MOST_CELLS = 100_000;

/**
 * All combinations of bases and axes, including excluded cells; the last axis varies fastest. @throws
 * N2uqError N2UQ_SWEEP_TOO_MANY
 */
export function expand({ bases, groups, set, file }: SweepSpec): CellDraft[] {
  const count = groups.reduce((product, group) => product * lengthOf(group), bases.length);
  if (count > MOST_CELLS) {
    const location = file === undefined ? undefined : { file };
    throw new N2uqError("N2UQ_SWEEP_TOO_MANY", { count, most: MOST_CELLS }, { location });
  }
  const named = bases.length > 1;
  const valuesOf = (base: string): CellDraft["values"] =>
    named ? { base: basename(base).replace(/\.ya?ml$/, "") } : {};
  let drafts: CellDraft[] = bases.map((base) => ({ base, assignments: set, values: valuesOf(base) }));
  for (const group of groups) {
    drafts = drafts.flatMap((draft) =>
      Array.from({ length: lengthOf(group) }, (_, index) => laidOver(draft, group, index)),
    );
  }
  return drafts;
}

function lengthOf(group: readonly Axis[]): number {
  return group[0]?.values.length ?? 1;
}

function laidOver(draft: CellDraft, group: readonly Axis[], index: number): CellDraft {
  const chosen = group.flatMap(({ key, values }) => {
    const value = values[index];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    base: draft.base,
    assignments: [...draft.assignments, ...chosen.map(([, { assignment }]) => assignment)],
    values: { ...draft.values, ...Object.fromEntries(chosen.map(([key, { written }]) => [key, written])) },
  };
}
