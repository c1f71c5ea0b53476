import type { FilledTable } from "./types.js";

/** The table as one JSON value: numbers in full precision, footnotes by number (from 1). */
export function jsonTable(table: FilledTable): unknown {
  const { title, metric, columns, rows, footnotes, differences, notes } = table;
  return { title, metric, columns: columns.map(({ label }) => label), rows, footnotes, differences, notes };
}
