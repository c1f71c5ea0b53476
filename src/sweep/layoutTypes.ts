import type { SourceLocation } from "../errors.js";
import type { Exclusion } from "./types.js";

/** A text of the table, and where it stands. */
export interface Written {
  readonly text: string;
  readonly location: SourceLocation | undefined;
}

export interface LayoutColumn {
  readonly label: Written;
  readonly where: Exclusion;
}

export interface LayoutRow {
  readonly group: string | null;
  readonly label: Written;
  /** Undefined where the row has references only. */
  readonly where: Exclusion | undefined;
  readonly references: readonly { readonly column: Written; readonly value: number }[];
  readonly source: Written | undefined;
  readonly footnotes: readonly Written[];
}

/** A note by its key, and where that stands. */
export interface LayoutNote {
  readonly key: Written;
  readonly text: string;
}

/** The `table` section of a sweep file: what stands where, and what was published. */
export interface Layout {
  readonly title: string;
  readonly metric: "top1" | "top5";
  readonly columns: readonly LayoutColumn[];
  readonly rows: readonly LayoutRow[];
  readonly footnotes: readonly LayoutNote[];
  readonly sources: readonly LayoutNote[];
}
