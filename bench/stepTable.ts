import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { codeDigest } from "./stepConditions.js";
import { fillPage, inOrder } from "./stepPages.js";
import { pageColumns, tableOf } from "./stepReport.js";
import { lastResults, readResults, resultsFile } from "./stepResults.js";

/**
 * Prints the results of `npm run bench:step` as a Markdown table. With `--write`, fills the sections of the pages
 * (stepPages.ts) instead. Says how many results are of other code than this.
 */
const PAGES = ["README.md", "docs/engines.md"];

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const file = resultsFile();
const results = readResults(file);
if (results.length === 0) throw new Error(`${file} has no results: \`npm run bench:step\` measures them`);
if (values.write) for (const page of PAGES) write(page);
else console.log(tableOf(inOrder(lastResults(results)), pageColumns));
const [all, code] = [lastResults(results), codeDigest()];
const old = all.filter(({ conditions }) => conditions.code !== code);
if (old.length > 0) {
  console.error(
    `${old.length} of ${all.length} results are of other code: \`npm run bench:step\` measures them again`,
  );
}

function write(page: string): void {
  const { text, shown, empty } = fillPage(readFileSync(page, "utf8"), results);
  writeFileSync(page, text);
  console.error(`${page}: ${shown.length} rows`);
  for (const section of empty) console.error(`${page}: no result for ${section}; the section is unchanged`);
  if (empty.length > 0) process.exitCode = 1;
}
