// Generated from schemas/sweep.schema.json by `npm run schemas`. Do not edit.

/**
 * The values: a list, or a range of integers that includes both ends (`0..4`).
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
 * A grid of experiments: base files, and the axes along which they vary. The keys of axes are short names of an experiment's keys (`bits`) or full paths (`training.optimizer.lr`).
 */
export interface Sweep {
  /**
   * Location of this schema, for editors.
   */
  $schema?: string;
  /**
   * Name of the sweep. Default: the file's name.
   */
  name?: string;
  /**
   * The experiment that the cells vary, or several experiments; a glob (`./res18-*.yaml`) expands to the files that it matches. Paths are relative to this file.
   */
  base: string | string[];
  /**
   * Profiles that are merged over every base, like `--profile`.
   */
  profiles?: string[];
  /**
   * Values that every cell has, by short name or path.
   */
  set?: {
    [k: string]: unknown;
  };
  /**
   * Axes that are combined: every value of an axis with every value of all other axes.
   */
  grid?: {
    [k: string]: Axis;
  };
  /**
   * Axes of the same length that are paired value by value: one group of axes, or a list of groups. The groups are combined with each other and with the grid.
   */
  zip?:
    | {
        [k: string]: Axis;
      }
    | ZipGroup[];
  /**
   * Cells to exclude: those that have all values of an entry.
   */
  exclude?: Values[];
  search?: Search;
  /**
   * Repetitions of every cell: the number of seeds (from seed 0 on), a list of seeds, or a range of seeds.
   */
  seeds?: number | number[] | string;
  table?: Table;
}
/**
 * Axes that are paired value by value, not combined.
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
   * Bits that the weights of a layer may have. The search starts with all layers at the largest of these.
   */
  candidates: number[];
  /**
   * Other candidates for certain layers, by glob on layer names; later rules take precedence.
   */
  layers?: SearchRule[];
  /**
   * Number of training images that are held out: the network is trained without them, and the effect of fewer bits in each layer is measured on them.
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
   * BitOPs of the entire network for one image.
   */
  bitOps?: number;
  /**
   * Size of the entire network in bytes, with weights packed at their bits.
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
   * The accuracy to show, from each run's best epoch: `top1` or `top5`.
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
   * Texts of footnotes, by key; rows refer to the keys. Footnotes are numbered in the order in which rows refer to them.
   */
  footnotes?: {
    [k: string]: TableNote;
  };
  /**
   * Sources of reference values, by key; rows refer to the keys.
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
   * The column's heading, to which references refer.
   */
  label: string;
  where: Values;
}
/**
 * A row: its cells and its published values.
 */
export interface TableRow {
  /**
   * A label shared by neighboring rows, such as the network; it is shown once.
   */
  group?: string;
  /**
   * The row's name.
   */
  label: string;
  where?: Values;
  /**
   * Published accuracies in percent, by the labels of the columns.
   */
  references?: {
    [k: string]: Accuracy;
  };
  /**
   * The key under `sources` of the source of the row's references.
   */
  source?: string;
  /**
   * Keys under `footnotes` of the footnotes of this row.
   */
  footnotes?: string[];
}
