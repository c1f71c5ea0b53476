import type { RunHistory, RunSummary, SkippedRun } from "../../runs/summary.js";
import { tableElement } from "../tables/html.js";
import type { FilledTable } from "../tables/types.js";
import { type Content, html, Markup } from "./markup.js";
import { overviewSection } from "./overview.js";
import { runSection } from "./run.js";
import { styles } from "./styles.js";

const MOST_SKIPPED = 200;

/**
 * A report as one self-contained HTML file: no script, no network. Tables come first, then (with several
 * runs) common and different values, then each run. @param overview the runs of the overview, if there are
 * too many for separate sections
 */
export function reportPage(
  runs: readonly RunHistory[],
  skipped: readonly SkippedRun[],
  tables: readonly FilledTable[] = [],
  overview: readonly RunSummary[] = runs,
): string {
  const many = overview.length > 1;
  const title = many ? `n2uq: ${overview.length} runs` : `n2uq: ${overview[0]?.record.name ?? "no run yet"}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(styles)}</style>
</head>
<body>
<header><h1>${title}</h1>
${runs.length > 1 ? contents(runs) : null}
${runs.length < overview.length ? html`<div class="notes"><p>The overview shows all ${overview.length} runs. For charts of each run, report fewer: give names of runs, or use <code>--where</code>, <code>--sort</code> and <code>--limit</code>.</p></div>` : null}
${skippedRuns(skipped)}</header>
<main>
${tables.map(tableSection)}
${many ? overviewSection(overview, runs.length > 0) : null}
${runs.map(runSection)}
</main>
<footer>Made by n2uq from the run directories, which hold the numbers themselves.</footer>
</body>
</html>
`;
  return page.text;
}

function tableSection(table: FilledTable, index: number): Markup {
  const element = new Markup(tableElement(table, `table${index + 1}-note`));
  return html`<section class="results"><div class="scroll" tabindex="0">${element}</div></section>`;
}

function contents(runs: readonly RunHistory[]): Content {
  const links = runs.map(({ id }) => html`<li><a href="#${id}">${id}</a></li>`);
  return html`<nav aria-label="Runs"><ul><li><a href="#overview">Overview</a></li>${links}</ul></nav>`;
}

function skippedRuns(skipped: readonly SkippedRun[]): Content {
  if (skipped.length === 0) return null;
  const count = skipped.length === 1 ? "1 run is" : `${skipped.length} runs are`;
  return html`<div class="notes"><p>${count} not shown:</p>
<ul>${skipped.slice(0, MOST_SKIPPED).map(({ directory, reason }) => html`<li><code>${directory}</code> ${reason}</li>`)}</ul>
${skipped.length > MOST_SKIPPED ? html`<p>and ${skipped.length - MOST_SKIPPED} more.</p>` : null}</div>`;
}
