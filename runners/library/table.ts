import { type TableFormat, tableFormats } from "../../src/report/tables/formats.js";
import { fillTable } from "../table.js";
import { type LibraryOptions, open, valuesOf } from "./open.js";

/** Options of `exportTable`. */
export interface TableOptions extends LibraryOptions {
  /** Default: `markdown`. */
  readonly format?: TableFormat;
}

/**
 * A results table as text, from run directories and published values, as `n2uq table` prints it. Runs no
 * experiment. @param file a sweep file with a table @returns the table, without a newline at its end @throws
 * N2uqError or N2uqErrors N2UQ_TABLE_*, N2UQ_CONFIG_*, N2UQ_SWEEP_*, N2UQ_RESOLVE_*
 */
export async function exportTable(file: string, options: TableOptions = {}): Promise<string> {
  const { project, cwd, runs } = await open(options);
  const flags = { profile: options.profiles ?? [], set: valuesOf(options) };
  return tableFormats[options.format ?? "markdown"](await fillTable(file, flags, { project, cwd }, runs));
}
