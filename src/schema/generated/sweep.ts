// Generated from schemas/sweep.schema.json by `npm run schemas`. Do not edit.

/**
 * The values: a list, or a range of integers with both ends (`0..4`).
 */
export type Axis = unknown[] | string;
/**
 * A published accuracy in percent, such as 69.4.
 */
export type Accuracy = number;
/**
 * A footnote of the table.
 */
export type TableNote = string;

/**
 * A grid of experiments: base files, and the axes along which they vary. Keys of axes are an experiment's short names (`bits`) or full paths (`training.optimizer.lr`).
 */
export interface Sweep {
  /**
   * Where editors find this schema.
   */
  $schema?: string;
  /**
   * Name of the sweep. Not given: the file's name.
   */
  name?: string;
  /**
   * The experiment that the cells vary, or several; a glob (`./res18-*.yaml`) expands to the files that it matches. Paths are relative to this file.
   */
  base: string | string[];
  /**
   * Profiles laid under every base, as with `--profile`.
   */
  profiles?: string[];
  /**
   * Values that every cell has, by short name or path.
   */
  set?: {
    [k: string]: unknown;
  };
  /**
   * Axes that are combined: every value of one with every value of the others.
   */
  grid?: {
    [k: string]: Axis;
  };
  /**
   * Axes that go together, value by value, all of the same length: one group of them, or a list of groups. The groups are combined with each other and with the grid.
   */
  zip?:
    | {
        [k: string]: Axis;
      }
    | ZipGroup[];
  /**
   * Cells to exclude: those with all values of an entry.
   */
  exclude?: Values[];
  search?: Search;
  /**
   * Repetitions of every cell: how many (from seed 0 on), the seeds, or a range.
   */
  seeds?: number | number[] | string;
  table?: Table;
}
/**
 * Axes whose values are taken together, value by value, not in all combinations.
 */
export interface ZipGroup {
  [k: string]: Axis;
}
/**
 * Values by axis; a cell that has all of them matches.
 */
export interface Values {
  [k: string]: unknown;
}
/**
 * A search for the bits of each layer under a budget.
 */
export interface Search {
  budget: Budget;
  /**
   * Bits that the weights of a layer may have. The search starts with all layers at the largest.
   */
  candidates: number[];
  /**
   * Other candidates for some layers, by glob on their names; later rules win.
   */
  layers?: SearchRule[];
  /**
   * Training images that are held out: the network is trained without them, and each lowered layer is judged on them.
   */
  holdout?: number;
}
/**
 * The limit that the result of a search must not exceed.
 */
export interface Budget {
  /**
   * Mean bits over all weights of quantized layers.
   */
  averageWeightBits?: number;
  /**
   * BitOPs of the whole network for one image.
   */
  bitOps?: number;
  /**
   * Size of the whole network in bytes, weights packed at their bits.
   */
  packedBytes?: number;
}
/**
 * Bits that the search may choose for the layers whose names match.
 */
export interface SearchRule {
  /**
   * A glob on layer names.
   */
  match: string;
  /**
   * Bits that the weights of these layers may have.
   */
  candidates: number[];
}
/**
 * The layout of a results table.
 */
export interface Table {
  /**
   * The table's caption.
   */
  title: string;
  /**
   * The accuracy that is shown, of each run's best epoch: `top1` or `top5`.
   */
  metric?: "top1" | "top5";
  /**
   * The columns, from left to right.
   */
  columns: TableColumn[];
  /**
   * The rows, from top to bottom.
   */
  rows: TableRow[];
  /**
   * Caveats by the keys that rows name; they are numbered in the order in which rows name them.
   */
  footnotes?: {
    [k: string]: TableNote;
  };
  /**
   * Where reference values come from, by the keys that rows name.
   */
  sources?: {
    [k: string]: TableNote;
  };
}
/**
 * A column: which cells belong to it.
 */
export interface TableColumn {
  /**
   * The column's heading; references name it.
   */
  label: string;
  where: Values;
}
/**
 * A row: its cells and its published values.
 */
export interface TableRow {
  /**
   * A label shared by neighboring rows, such as the network; shown once.
   */
  group?: string;
  /**
   * The row's name.
   */
  label: string;
  where?: Values;
  /**
   * Published accuracies in percent, by the columns' labels.
   */
  references?: {
    [k: string]: Accuracy;
  };
  /**
   * The key under `sources` that says where the references come from.
   */
  source?: string;
  /**
   * Keys under `footnotes` of what a reader must know about this row.
   */
  footnotes?: string[];
}
