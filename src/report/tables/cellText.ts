import type { FilledCell, FilledRow, FilledTable } from "./types.js";

/** Marks every value whose runs differ from the recipe. */
const MARK = "‡";
const NOTHING = "–";
const MOST_DIFFERENCES = 12;

/** `69.42 ± 0.12 (3)`; with missing runs `69.42 ± 0.12 (2 of 3, running 43 %)`; without a value the state. */
export function oursText({ ours, runs, state }: FilledCell): string {
  if (ours === null) return state ?? NOTHING;
  const { mean, deviation, n, marked } = ours;
  const value = `${mean.toFixed(2)}${deviation === null ? "" : ` ± ${deviation.toFixed(2)}`}`;
  const count = n === runs ? String(n) : `${n} of ${runs}, ${state}`;
  return `${value}${marked ? ` ${MARK}` : ""} (${count})`;
}

/** The published value, with at least one decimal place. */
export function referenceText({ reference }: FilledCell): string {
  if (reference === null) return NOTHING;
  const decimals = String(reference).split(".")[1]?.length ?? 0;
  return reference.toFixed(Math.max(1, decimals));
}

/** The difference with its sign: `+0.02`, `-0.50`. */
export function differenceText({ difference }: FilledCell): string {
  if (difference === null) return NOTHING;
  const text = difference.toFixed(2).replace(/^-(?=0\.00$)/, "");
  return text.startsWith("-") ? text : `+${text}`;
}

/** The groups in order, each with its rows. */
export function groupsOf({ rows }: FilledTable): { name: string | null; rows: FilledRow[] }[] {
  const groups: { name: string | null; rows: FilledRow[] }[] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last !== undefined && last.name === row.group) last.rows.push(row);
    else groups.push({ name: row.group, rows: [row] });
  }
  return groups;
}

/** Whether any row belongs to a group; otherwise there is no group column. */
export function hasGroups({ rows }: FilledTable): boolean {
  return rows.some(({ group }) => group !== null);
}

/**
 * The rows of each group as texts: the group's name (in its first row, if the table has groups), the label
 * with its footnotes, and the values of each column. @param escaped escapes text for the format @param marks
 * formats the numbers of footnotes
 */
export function textRows(
  table: FilledTable,
  escaped: (text: string) => string,
  marks: (footnotes: readonly number[]) => string,
): string[][][] {
  return groupsOf(table).map(({ name, rows }) =>
    rows.map(({ label, footnotes, cells }, index) => [
      ...(hasGroups(table) ? [index === 0 ? escaped(name ?? "") : ""] : []),
      `${escaped(label)}${footnotes.length === 0 ? "" : marks(footnotes)}`,
      ...cells.flatMap((cell, column) => {
        const compared = table.columns[column]?.referenced ? [referenceText(cell), differenceText(cell)] : [];
        return [oursText(cell), ...compared].map(escaped);
      }),
    ]),
  );
}

/** Headers of the columns before the values. */
export function textColumns(table: FilledTable): string[] {
  return hasGroups(table) ? ["Network", "Method"] : ["Method"];
}

/** Describes the numbers in one line. */
export function legend({ metric, columns }: FilledTable): string {
  const accuracy = metric === "top1" ? "Top-1" : "Top-5";
  const compared = columns.some(({ referenced }) => referenced)
    ? "; Δ: ours minus the published reference"
    : "";
  return `${accuracy} accuracy in %. Ours: mean ± sample standard deviation (number of runs)${compared}.`;
}

/** The title, with the mark if any cell has it. */
export function titleText({ title, differences }: FilledTable): string {
  return differences.length === 0 ? title : `${title} ${MARK}`;
}

/** Explains the mark, if any cell has it, and adds the notes for the reader: one line each. */
export function remarksOf(table: FilledTable): string[] {
  const notes = table.notes.length === 0 ? [] : [`Notes: ${table.notes.join("; ")}.`];
  return table.differences.length === 0 ? notes : [markText(table), ...notes];
}

function markText({ columns, differences }: FilledTable): string {
  const shown = differences
    .slice(0, MOST_DIFFERENCES)
    .map(({ path, recipe, here }) => `${path} ${recipe} → ${here}`);
  const more = differences.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  const compared = columns.some(({ referenced }) => referenced)
    ? ", so not compared with the references"
    : "";
  return `${MARK} Not the recipe${compared}: ${shown.join("; ")}.`;
}
