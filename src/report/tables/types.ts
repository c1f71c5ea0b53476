/** A results table, filled in: plain data that every format is printed from. Accuracies are percentages. */
export interface FilledTable {
  readonly title: string;
  readonly metric: "top1" | "top5";
  readonly columns: readonly FilledColumn[];
  readonly rows: readonly FilledRow[];
  /** Numbered from 1, as rows refer to them. */
  readonly footnotes: readonly string[];
  /** What sets the marked cells apart from the recipe; empty where nothing does. */
  readonly differences: readonly Difference[];
  /** What else a reader must know: values that follow from the axes, runs on other data or of older numerics. */
  readonly notes: readonly string[];
}

export interface FilledColumn {
  readonly label: string;
  /** Whether any row has a reference here; without one the column shows ours alone. */
  readonly referenced: boolean;
}

export interface FilledRow {
  /** Rows of one group stand together. */
  readonly group: string | null;
  readonly label: string;
  /** Numbers of the row's footnotes. */
  readonly footnotes: readonly number[];
  /** One a column. */
  readonly cells: readonly FilledCell[];
}

export interface FilledCell {
  /** Null while no run of the cell is done. */
  readonly ours: Ours | null;
  /** How many runs (seeds) the cell has; 0 where the table has none for it. */
  readonly runs: number;
  /** `done` when all runs are, else what is most worth knowing of the others: `running 43 %`, `failed`, `not run` …; null without runs. */
  readonly state: string | null;
  readonly reference: number | null;
  /** Ours minus the reference; null where either is missing, and for marked cells, which don't compare. */
  readonly difference: number | null;
}

export interface Ours {
  readonly mean: number;
  /** Sample standard deviation (n - 1); null for one run. */
  readonly deviation: number | null;
  /** Runs that are done. */
  readonly n: number;
  /** Whether the runs' settings differ from the recipe. */
  readonly marked: boolean;
}

/** A setting of marked cells that is not the recipe's, as text. */
export interface Difference {
  readonly path: string;
  readonly recipe: string;
  readonly here: string;
}
