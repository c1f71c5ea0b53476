import type { Assignment } from "../config/set.js";
import type { Tree } from "../config/tree.js";
import type { SourceLocation } from "../errors.js";
import type { Search } from "../schema/generated/sweep.js";
import type { Path } from "../schema/schema.js";

/** One value of an axis, as written (`3`) and as the assignment for it. */
export interface AxisValue {
  readonly written: string;
  readonly assignment: Assignment;
}

/** One setting that varies. */
export interface Axis {
  /** As written: a short name or a path. */
  readonly key: string;
  readonly path: Path;
  readonly values: readonly AxisValue[];
  readonly location: SourceLocation | undefined;
}

/** Values of the cells to exclude; a cell must have all of them. */
export interface Exclusion {
  readonly written: string;
  readonly conditions: readonly { readonly path: Path; readonly value: unknown; readonly written?: string }[];
  readonly location: SourceLocation | undefined;
  /** Set if it may match no cell, because the command line replaced the values of one of its axes. */
  readonly mayBeIdle?: boolean;
}

/** A sweep file and flags, read and checked, before any cell is created. */
export interface SweepSpec {
  readonly name: string;
  /** Absolute path of the sweep file, if there is one. */
  readonly file: string | undefined;
  /** Absolute paths of the base experiments. */
  readonly bases: readonly string[];
  readonly profiles: readonly string[];
  readonly set: readonly Assignment[];
  /** Axes of one group are zipped; the groups are combined. */
  readonly groups: readonly (readonly Axis[])[];
  readonly exclude: readonly Exclusion[];
  /** The `table` section of the sweep file, if it has one; `layoutOf` reads it. */
  readonly table?: Tree | undefined;
  /** The `search` section of the sweep file, if it has one. */
  readonly search?: Search | undefined;
}

/** A combination of axis values: an experiment file and its overlay. */
export interface CellDraft {
  readonly base: string;
  readonly assignments: readonly Assignment[];
  /** Axis values as written, by the axes' keys; with several bases also `base`. */
  readonly values: Readonly<Record<string, string>>;
}
