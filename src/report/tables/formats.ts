import { csvTable } from "./csv.js";
import { htmlTable } from "./html.js";
import { jsonTable } from "./json.js";
import { latexTable } from "./latex.js";
import { markdownTable } from "./markdown.js";
import type { FilledTable } from "./types.js";

/** Every output format of a table; no newline at the end. */
export const tableFormats = {
  markdown: markdownTable,
  csv: csvTable,
  json: (table: FilledTable) => JSON.stringify(jsonTable(table), null, 2),
  html: htmlTable,
  latex: latexTable,
} as const satisfies Record<string, (table: FilledTable) => string>;

/** The formats of a results table: the keys of `tableFormats`. */
export type TableFormat = keyof typeof tableFormats;
