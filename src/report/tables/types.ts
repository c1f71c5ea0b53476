/** A results table with values: plain data that every format prints. Accuracies are percentages. */
export interface FilledTable {
  readonly title: string;
  readonly metric: "top1" | "top5";
  readonly columns: readonly FilledColumn[];
  readonly rows: readonly FilledRow[];
  /** Rows refer to footnotes by number, from 1. */
  readonly footnotes: readonly string[];
  /** Settings in which marked cells differ from the recipe; empty if there are none. */
  readonly differences: readonly Difference[];
  /** Further notes for the reader: derived values, runs on other data or of older numerics. */
  readonly notes: readonly string[];
}

export interface FilledColumn {
  readonly label: string;
  /** Whether any row has a reference in this column; otherwise only values of our runs are shown. */
  readonly referenced: boolean;
}

export interface FilledRow {
  /** Rows of one group are adjacent. */
  readonly group: string | null;
  readonly label: string;
  readonly footnotes: readonly number[];
  readonly cells: readonly FilledCell[];
}

export interface FilledCell {
  /** Null while no run of the cell is done. */
  readonly ours: Ours | null;
  /** Number of runs (seeds) of the cell; 0 if the table has none for it. */
  readonly runs: number;
  /**
   * `done` if all runs are done, otherwise the most important state of the other runs: `running 43 %`,
   * `failed`, `not run` …; null without runs.
   */
  readonly state: string | null;
  readonly reference: number | null;
  /** Ours minus the reference; null if one is missing, and for marked cells, which are not comparable. */
  readonly difference: number | null;
}

export interface Ours {
  readonly mean: number;
  /** Sample standard deviation (n - 1); null for one run. */
  readonly deviation: number | null;
  readonly n: number;
  /** Whether the runs' settings differ from the recipe. */
  readonly marked: boolean;
}

/** A setting of marked cells that differs from the recipe, as text. */
export interface Difference {
  readonly path: string;
  readonly recipe: string;
  readonly here: string;
}
