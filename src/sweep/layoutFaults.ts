import { type ErrorCode, N2uqError } from "../errors.js";
import { closestWord } from "../schema/closest.js";
import type { Layout, LayoutNote, LayoutRow, Written } from "./layoutTypes.js";

/** Mistakes in a layout that do not depend on the cells. */
export function layoutFaults({ columns, rows, footnotes, sources }: Layout): N2uqError[] {
  const labels = columns.map(({ label }) => label);
  return [
    ...repeated("column", labels, ({ text }) => text),
    ...repeated(
      "row",
      rows.map(({ label }) => label),
      ({ text }, index) => `${rows[index]?.group ?? ""} ${text}`,
    ),
    ...rows.flatMap((row) => unknownColumns(row, labels)),
    ...noteFaults(
      "footnote",
      footnotes,
      rows.flatMap((row) => row.footnotes),
    ),
    ...noteFaults(
      "source",
      sources,
      rows.flatMap(({ source }) => (source === undefined ? [] : [source])),
    ),
  ];
}

function repeated(
  what: string,
  labels: readonly Written[],
  keyOf: (label: Written, index: number) => string,
): N2uqError[] {
  const seen = new Map<string, Written>();
  return labels.flatMap((label, index) => {
    const first = seen.get(keyOf(label, index));
    seen.set(keyOf(label, index), first ?? label);
    if (first === undefined) return [];
    const details = { what, label: label.text, first: first.location?.line };
    return [new N2uqError("N2UQ_TABLE_TWICE", details, { location: label.location })];
  });
}

function unknownColumns({ label, references }: LayoutRow, columns: readonly Written[]): N2uqError[] {
  const known = columns.map(({ text }) => text);
  return references
    .filter(({ column }) => !known.includes(column.text))
    .map(({ column }) =>
      unknownName("N2UQ_TABLE_UNKNOWN_COLUMN", column, known, { label: label.text, column: column.text }),
    );
}

function noteFaults(what: string, notes: readonly LayoutNote[], named: readonly Written[]): N2uqError[] {
  const known = notes.map(({ key }) => key.text);
  const used = new Set(named.map(({ text }) => text));
  return [
    ...named
      .filter(({ text }) => !known.includes(text))
      .map((name) => unknownName("N2UQ_TABLE_UNKNOWN_NOTE", name, known, { what, key: name.text })),
    ...notes
      .filter(({ key }) => !used.has(key.text))
      .map(
        ({ key }) =>
          new N2uqError("N2UQ_TABLE_UNUSED_NOTE", { what, key: key.text }, { location: key.location }),
      ),
  ];
}

/** An error about an unknown name, with the closest known one. */
function unknownName(
  code: ErrorCode,
  { text, location }: Written,
  known: readonly string[],
  details: Record<string, unknown>,
): N2uqError {
  const close = closestWord(text, known);
  const hint = close && `Did you mean ${close}?`;
  return new N2uqError(code, { ...details, known: known.join(", ") || "none" }, { location, hint });
}
