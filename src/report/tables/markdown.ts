import { legend, remarksOf, textColumns, textRows, titleText } from "./cellText.js";
import type { FilledTable } from "./types.js";

/** The table in GitHub's Markdown, with padded columns so that it is readable in a terminal. */
export function markdownTable(table: FilledTable): string {
  const texts = textColumns(table);
  const head = [
    ...texts,
    ...table.columns.flatMap(({ label, referenced }) =>
      referenced ? [escaped(label), "ref.", "Δ"] : [escaped(label)],
    ),
  ];
  const marks = (numbers: readonly number[]) => ` ${numbers.map((number) => `[^${number}]`).join("")}`;
  const body = textRows(table, escaped, marks).flat();
  return [
    `**${escaped(titleText(table))}**`,
    "",
    legend(table),
    "",
    ...aligned(head, body, texts.length),
    ...remarksOf(table).flatMap((remark) => ["", escaped(remark)]),
    ...(table.footnotes.length === 0 ? [] : [""]),
    ...table.footnotes.map((text, index) => `[^${index + 1}]: ${escaped(text)}`),
  ].join("\n");
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
