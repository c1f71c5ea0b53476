import type { FilledTable } from "./types.js";

const HEAD = [
  ...["group", "label", "column", "mean", "deviation", "n", "runs", "marked", "state"],
  ...["reference", "difference", "footnotes"],
];

/** One line per cell (RFC 4180): the long form for statistics programs. Numbers have full precision. */
export function csvTable({ columns, rows, footnotes }: FilledTable): string {
  const lines = rows.flatMap(({ group, label, cells, footnotes: numbers }) =>
    cells.map(({ ours, runs, state, reference, difference }, index) => [
      ...[group, label, columns[index]?.label, ours?.mean, ours?.deviation, ours?.n ?? 0, runs],
      ...[ours?.marked ?? false, state, reference, difference],
      numbers.map((number) => footnotes[number - 1]).join(" "),
    ]),
  );
  return [HEAD, ...lines].map((line) => line.map(csvField).join(",")).join("\r\n");
}

/** A value in RFC 4180 syntax. */
export function csvField(value: string | number | boolean | null | undefined): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
