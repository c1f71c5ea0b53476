import type { Difference, FilledCell, FilledRow, FilledTable } from "./types.js";

/** Marks every value whose runs differ from the recipe. */
export const MARK = "‡";
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

/** As published: at least one decimal. */
export function referenceText({ reference }: FilledCell): string {
  if (reference === null) return NOTHING;
  const decimals = String(reference).split(".")[1]?.length ?? 0;
  return reference.toFixed(Math.max(1, decimals));
}

/** With its sign: `+0.02`, `-0.50`. */
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

/** Explains the mark; null if no cell has it. */
export function markText({ columns, differences }: FilledTable): string | null {
  if (differences.length === 0) return null;
  const shown = differences.slice(0, MOST_DIFFERENCES).map(differenceLine);
  const more = differences.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  const compared = columns.some(({ referenced }) => referenced)
    ? ", so not compared with the references"
    : "";
  return `Not the recipe${compared}: ${shown.join("; ")}.`;
}

/** Further notes for the reader in one line; null if there are none. */
export function notesText({ notes }: FilledTable): string | null {
  return notes.length === 0 ? null : `Notes: ${notes.join("; ")}.`;
}

function differenceLine({ path, recipe, here }: Difference): string {
  return `${path} ${recipe} → ${here}`;
}
