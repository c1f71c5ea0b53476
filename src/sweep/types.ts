import type { Assignment } from "../config/set.js";
import type { Tree } from "../config/tree.js";
import type { SourceLocation } from "../errors.js";
import type { Search } from "../schema/generated/sweep.js";
import type { Path } from "../schema/schema.js";

/** One value of an axis, as written (`3`) and as what it sets. */
export interface AxisValue {
  readonly written: string;
  readonly assignment: Assignment;
}

/** One thing that varies. */
export interface Axis {
  /** As written: a short name or a path. */
  readonly key: string;
  readonly path: Path;
  readonly values: readonly AxisValue[];
  readonly location: SourceLocation | undefined;
}

/** Values that a cell to be left out has, all of them. */
export interface Exclusion {
  readonly written: string;
  readonly wanted: readonly { readonly path: Path; readonly value: unknown; readonly written?: string }[];
  readonly location: SourceLocation | undefined;
  /** It may leave nothing out: of an axis that it names, the command line took other values. */
  readonly mayBeIdle?: boolean;
}

/** A sweep file and the flags beside it, read and checked, before any cell is made. */
export interface SweepSpec {
  readonly name: string;
  /** Absolute path of the sweep file, where there is one. */
  readonly file: string | undefined;
  /** Absolute paths of the experiments that are varied. */
  readonly bases: readonly string[];
  readonly profiles: readonly string[];
  readonly set: readonly Assignment[];
  /** Axes of one group go together, value by value; the groups are combined. */
  readonly groups: readonly (readonly Axis[])[];
  readonly exclude: readonly Exclusion[];
  /** How `n2uq table` lays out the cells, where the sweep file says so; `layoutOf` reads it. */
  readonly table?: Tree | undefined;
  /** Of `n2uq search`, where the sweep file has one. */
  readonly search?: Search | undefined;
}

/** A cell as the axes give it: an experiment file and what is laid over it. */
export interface Draft {
  readonly base: string;
  readonly assignments: readonly Assignment[];
  /** Axis values as written, by the axes' keys; with several bases also `base`. */
  readonly values: Readonly<Record<string, string>>;
}
