import { N2uqError, N2uqErrors } from "../errors.js";
import type { Experiment } from "../schema/generated/experiment.js";
import { covers } from "./covers.js";
import type { Layout, LayoutRow } from "./layoutTypes.js";
import type { Exclusion } from "./types.js";

/** The values of a cell that a layout needs. */
export interface Placeable {
  readonly name: string;
  /** With the schema's defaults. */
  readonly experiment: Experiment;
}

/**
 * The cells of every row and column: those that have all values of the row and of the column. Several cells
 * in one place are repetitions. @returns `[row][column]` lists of cells @throws N2uqErrors
 * N2UQ_TABLE_CELL_TWICE, _ROW_EMPTY, _COLUMN_EMPTY
 */
export function placed<Cell extends Placeable>(layout: Layout, cells: readonly Cell[]): Cell[][][] {
  const { columns, rows } = layout;
  const known = cells.map((cell) => ({ cell, experiment: withoutIdleBits(cell.experiment) }));
  const places = rows.map((row) =>
    columns.map((column) =>
      known.filter(({ experiment }) => meets(experiment, row.where) && meets(experiment, column.where)),
    ),
  );
  const faults = [
    ...emptyRows(layout, places, known),
    ...emptyColumns(layout, places),
    ...claimedTwice(layout, places),
  ];
  if (faults.length > 0) throw new N2uqErrors(faults);
  return places.map((row) => row.map((found) => found.map(({ cell }) => cell)));
}

interface Known<Cell> {
  readonly cell: Cell;
  readonly experiment: Experiment;
}

/** Removes `bits` in full precision, where its default has no effect, so that such a cell matches no bits. */
function withoutIdleBits(experiment: Experiment): Experiment {
  if (experiment.quantization?.method !== "none") return experiment;
  const { bits: _bits, ...quantization } = experiment.quantization;
  return { ...experiment, quantization };
}

function meets(experiment: Experiment, where: Exclusion | undefined): boolean {
  return where?.conditions.every(({ path, value }) => covers(experiment, path, value)) ?? false;
}

type Places<Cell> = readonly (readonly (readonly Known<Cell>[])[])[];

function emptyRows<Cell>({ rows }: Layout, places: Places<Cell>, known: readonly Known<Cell>[]): N2uqError[] {
  return rows
    .filter(({ references }, index) => references.length === 0 && places[index]?.flat().length === 0)
    .map(({ label, where }) => {
      const details = { label: label.text, written: unmet(where, known) };
      const location = where?.location ?? label.location;
      return new N2uqError("N2UQ_TABLE_ROW_EMPTY", details, { location });
    });
}

/** The first value that no cell has; all values if only their combination is missing. */
function unmet<Cell>(where: Exclusion | undefined, known: readonly Known<Cell>[]): string {
  const missing = where?.conditions.find(
    ({ path, value }) => !known.some(({ experiment }) => covers(experiment, path, value)),
  );
  return missing?.written ?? where?.written ?? "its values";
}

function emptyColumns<Cell>({ columns, rows }: Layout, places: Places<Cell>): N2uqError[] {
  return columns
    .filter(
      ({ label }, index) =>
        !places.some((row) => (row[index]?.length ?? 0) > 0) &&
        !rows.some(({ references }) => references.some(({ column }) => column.text === label.text)),
    )
    .map(({ label, where: { written, location } }) => {
      return new N2uqError("N2UQ_TABLE_COLUMN_EMPTY", { label: label.text, written }, { location });
    });
}

function claimedTwice<Cell extends Placeable>({ rows, columns }: Layout, places: Places<Cell>): N2uqError[] {
  const claims = new Map<Cell, string>();
  const faults: N2uqError[] = [];
  for (const [index, row] of rows.entries()) {
    for (const [column, { label }] of columns.entries()) {
      const place = `${rowName(row)}, ${label.text}`;
      for (const { cell } of places[index]?.[column] ?? []) {
        const other = claims.get(cell);
        claims.set(cell, other ?? place);
        if (other === undefined) continue;
        const details = { cell: cell.name, place, other };
        faults.push(new N2uqError("N2UQ_TABLE_CELL_TWICE", details, { location: row.where?.location }));
      }
    }
  }
  return faults.slice(0, 1);
}

function rowName({ group, label }: LayoutRow): string {
  return group === null ? label.text : `${group} ${label.text}`;
}
