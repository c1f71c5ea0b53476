import { escapeText as escaped } from "../html/markup.js";
import {
  differenceText,
  groupsOf,
  hasGroups,
  legend,
  oursText,
  referenceText,
  remarksOf,
  textColumns,
  titleText,
} from "./cellText.js";
import type { FilledColumn, FilledRow, FilledTable } from "./types.js";

const STYLE = [
  "body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em;color:#222;background:#fff}",
  "table{border-collapse:collapse}caption{text-align:left;font-weight:bold;padding:.5em 0}",
  "th,td{padding:.25em .7em;text-align:right;white-space:nowrap}tbody{border-top:1px solid #888}",
  "thead,tbody:last-of-type{border-bottom:2px solid #222}thead{border-top:2px solid #222}",
  ".text{text-align:left}.state{color:#777}.ours{font-weight:600}ol,p{font-size:.9em;max-width:60em}",
].join("\n");

/** The table as a separate page: no script, no external resources. */
export function htmlTable(table: FilledTable): string {
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<title>${escaped(titleText(table))}</title>`,
    `<style>\n${STYLE}\n</style></head><body>`,
    tableElement(table),
    "</body></html>",
  ].join("\n");
}

/**
 * The table with its legend and footnotes, as part of a page. `prefix` separates the anchors of several
 * tables.
 */
export function tableElement(table: FilledTable, prefix = "note"): string {
  const notes = table.footnotes.map((text, index) => `<li id="${prefix}${index + 1}">${escaped(text)}</li>`);
  return [
    `<table><caption>${escaped(titleText(table))}</caption>`,
    headOf(table),
    ...groupsOf(table).map(({ name, rows }) => bodyOf(name, rows, table, prefix)),
    "</table>",
    `<p>${escaped(legend(table))}</p>`,
    ...remarksOf(table).map((remark) => `<p>${escaped(remark)}</p>`),
    ...(notes.length === 0 ? [] : [`<ol>\n${notes.join("\n")}\n</ol>`]),
  ].join("\n");
}

function headOf(table: FilledTable): string {
  const compared = table.columns.some(({ referenced }) => referenced);
  const rows = compared ? ' rowspan="2"' : "";
  const head = [
    ...textColumns(table).map((text) => `<th class="text"${rows}>${text}</th>`),
    ...table.columns.map(({ label, referenced }) =>
      referenced ? `<th colspan="3">${escaped(label)}</th>` : `<th${rows}>${escaped(label)}</th>`,
    ),
  ].join("");
  const below = table.columns
    .filter(({ referenced }) => referenced)
    .map(() => "<th>ours</th><th>ref.</th><th>Δ</th>")
    .join("");
  return `<thead><tr>${head}</tr>${compared ? `<tr>${below}</tr>` : ""}</thead>`;
}

function bodyOf(name: string | null, rows: readonly FilledRow[], table: FilledTable, prefix: string): string {
  const lines = rows.map((row, index) => {
    const spans = rows.length > 1 ? ` rowspan="${rows.length}"` : "";
    const group = `<th class="text"${spans}>${escaped(name ?? "")}</th>`;
    return `<tr>${hasGroups(table) && index === 0 ? group : ""}${cellsOf(row, table.columns, prefix)}</tr>`;
  });
  return `<tbody>\n${lines.join("\n")}\n</tbody>`;
}

function cellsOf(
  { label, footnotes, cells }: FilledRow,
  columns: readonly FilledColumn[],
  prefix: string,
): string {
  const links = footnotes.map((number) => `<a href="#${prefix}${number}">${number}</a>`).join(",");
  const marks = links === "" ? "" : `<sup>${links}</sup>`;
  const values = cells.map((cell, index) => {
    const ours = `<td class="${cell.ours === null ? "state" : "ours"}">${escaped(oursText(cell))}</td>`;
    if (!columns[index]?.referenced) return ours;
    return `${ours}<td>${referenceText(cell)}</td><td>${differenceText(cell)}</td>`;
  });
  return `<th class="text">${escaped(label)}${marks}</th>${values.join("")}`;
}
