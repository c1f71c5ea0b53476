import type { FilledTable } from "./types.js";

/** The table as one JSON value: numbers in full precision, footnotes by number (from 1). */
export function jsonTable({
  title,
  metric,
  columns,
  rows,
  footnotes,
  differences,
  notes,
}: FilledTable): unknown {
  return { title, metric, columns: columns.map(({ label }) => label), rows, footnotes, differences, notes };
}
