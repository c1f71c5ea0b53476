import {
  differenceText,
  groupsOf,
  hasGroups,
  legend,
  MARK,
  markText,
  notesText,
  oursText,
  referenceText,
  titleText,
} from "./cellText.js";
import type { FilledRow, FilledTable } from "./types.js";

/** The table in GitHub's Markdown, with padded columns so that it is readable in a terminal. */
export function markdownTable(table: FilledTable): string {
  const grouped = hasGroups(table);
  const head = [
    ...(grouped ? ["Network"] : []),
    "Method",
    ...table.columns.flatMap(({ label, referenced }) =>
      referenced ? [escaped(label), "ref.", "Δ"] : [escaped(label)],
    ),
  ];
  const texts = grouped ? 2 : 1;
  const body = groupsOf(table).flatMap(({ name, rows }) =>
    rows.map((row, index) => [
      ...(grouped ? [index === 0 ? escaped(name ?? "") : ""] : []),
      ...valuesOf(row, table),
    ]),
  );
  const mark = markText(table);
  const notes = notesText(table);
  return [
    `**${escaped(titleText(table))}**`,
    "",
    legend(table),
    "",
    ...aligned(head, body, texts),
    ...(mark === null ? [] : ["", `${MARK} ${escaped(mark)}`]),
    ...(notes === null ? [] : ["", escaped(notes)]),
    ...(table.footnotes.length === 0 ? [] : [""]),
    ...table.footnotes.map((text, index) => `[^${index + 1}]: ${escaped(text)}`),
  ].join("\n");
}

function valuesOf({ label, footnotes, cells }: FilledRow, { columns }: FilledTable): string[] {
  const marks = footnotes.map((number) => `[^${number}]`).join("");
  return [
    `${escaped(label)}${marks === "" ? "" : ` ${marks}`}`,
    ...cells.flatMap((cell, index) => {
      const ours = escaped(oursText(cell));
      return columns[index]?.referenced ? [ours, referenceText(cell), differenceText(cell)] : [ours];
    }),
  ];
}

/** Left-aligns the first `texts` columns and right-aligns the numbers after them. */
function aligned(head: readonly string[], body: readonly string[][], texts: number): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...body].map((row) => width(row[column]))));
  const line = (row: readonly string[]): string => {
    const padded = row.map((text, column) => {
      const gap = " ".repeat((widths[column] ?? 0) - width(text));
      return column < texts ? `${text}${gap}` : `${gap}${text}`;
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((wide, column) => (column < texts ? "-".repeat(wide) : `${"-".repeat(wide - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...body.map(line)];
}

/** Counts characters, not UTF-16 units. */
function width(text = ""): number {
  return [...text].length;
}

/** Escapes Markdown syntax and line breaks in a cell. */
function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|]/g, "\\$&");
}
