import { legend, remarksOf, textColumns, textRows, titleText } from "./cellText.js";
import type { FilledColumn, FilledTable } from "./types.js";

/** The table as a LaTeX float. Requires only the package booktabs. */
export function latexTable(table: FilledTable): string {
  const { columns, footnotes } = table;
  const texts = textColumns(table);
  const alignment = `${"l".repeat(texts.length)}${columns.map((column) => "r".repeat(span(column))).join("")}`;
  const notes = [
    ...remarksOf(table).map(escaped),
    ...footnotes.map((text, index) => `$^{${index + 1}}$ ${escaped(text)}`),
  ];
  return [
    "% Needs \\usepackage{booktabs}.",
    "\\begin{table}",
    "\\centering",
    `\\caption{${escaped(`${titleText(table)}. ${legend(table)}`)}}`,
    `\\begin{tabular}{${alignment}}`,
    "\\toprule",
    ...headLines(texts, columns),
    ...textRows(table, escaped, (numbers) => `$^{${numbers.join(",")}}$`).flatMap((rows) => [
      "\\midrule",
      ...rows.map(line),
    ]),
    "\\bottomrule",
    "\\end{tabular}",
    ...notes.map((note) => `\\par\\footnotesize ${note}`),
    "\\end{table}",
  ].join("\n");
}

function span({ referenced }: FilledColumn): number {
  return referenced ? 3 : 1;
}

/** The header: one line; with references two, with each column's label above ours, reference and Δ. */
function headLines(texts: readonly string[], columns: readonly FilledColumn[]): string[] {
  const labels = columns.map(({ label, referenced }) =>
    referenced ? `\\multicolumn{3}{c}{${escaped(label)}}` : escaped(label),
  );
  if (!columns.some(({ referenced }) => referenced)) return [line([...texts, ...labels])];
  let next = texts.length + 1;
  const rules = columns.map((column) => {
    const first = next;
    next += span(column);
    return `\\cmidrule(lr){${first}-${next - 1}}`;
  });
  const below = columns.flatMap(({ referenced }) => (referenced ? ["ours", "ref.", "$\\Delta$"] : ["ours"]));
  return [line([...texts.map(() => ""), ...labels]), rules.join(""), line([...texts, ...below])];
}

function line(fields: readonly string[]): string {
  return `${fields.join(" & ")} \\\\`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "*": "{*}",
  "[": "{[}",
  "]": "{]}",
  "±": "$\\pm$",
  "×": "$\\times$",
  "−": "$-$",
  "→": "$\\rightarrow$",
  Δ: "$\\Delta$",
  "‡": "$\\ddagger$",
  "–": "--",
  "…": "\\ldots{}",
};

/**
 * Escapes text for LaTeX, including `[` and `*`: at the start of a line, the preceding line break would take
 * these as arguments.
 */
export function escaped(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[&%$#_{}]|[\\~^<>|*[\]±×−→Δ‡–…]/g, (character) => SPECIAL[character] ?? `\\${character}`);
}
