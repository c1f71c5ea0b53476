import type { SourceLocation } from "../errors.js";
import type { Exclusion } from "./types.js";

/** A text of the table and its location. */
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
  /** Undefined if the row has only references. */
  readonly where: Exclusion | undefined;
  readonly references: readonly { readonly column: Written; readonly value: number }[];
  readonly source: Written | undefined;
  readonly footnotes: readonly Written[];
}

/** A footnote or a source: its text, and its key with the key's location. */
export interface LayoutNote {
  readonly key: Written;
  readonly text: string;
}

/** The `table` section of a sweep file: rows, columns and published values. */
export interface Layout {
  readonly title: string;
  readonly metric: "top1" | "top5";
  readonly columns: readonly LayoutColumn[];
  readonly rows: readonly LayoutRow[];
  readonly footnotes: readonly LayoutNote[];
  readonly sources: readonly LayoutNote[];
}
