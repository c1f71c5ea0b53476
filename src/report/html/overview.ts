import type { RunSummary } from "../../runs/summary.js";
import { type Difference, differences, shownValue } from "../difference.js";
import { axisEffects } from "../effects.js";
import { formatBits, formatBytes, formatCount, formatMethod, formatPercent } from "../units.js";
import { effectChart } from "./effectChart.js";
import { html, type Markup } from "./markup.js";
import { figure, table } from "./parts.js";
import { tradeoffCharts } from "./tradeoffs.js";

/**
 * Maximum numbers of values of an axis in its effect chart, of axes with a chart, and of runs (columns) in a
 * table of differences.
 */
const [MOST_EFFECTS, MOST_AXES, MOST_COLUMNS] = [40, 24, 50];

/** Results of several runs, side by side. @param linked whether each run has a separate section */
export function overviewSection(runs: readonly RunSummary[], linked: boolean): Markup {
  const known = runs.filter(({ resolved }) => resolved !== null);
  const axes = differences(known.map(({ resolved }) => resolved));
  const quantized = known.filter(({ record }) => record.method !== "none");
  // A full-precision run among quantized runs is a teacher or a reference, so it is not compared with them.
  const compared = quantized.length > 0 ? quantized : known;
  // The file of a teacher or of initial weights has no effect by itself.
  const isFile = /^(teacher|init)\.experiment$/;
  const effects = axisEffects(
    differences(compared.map(({ resolved }) => resolved)).filter(({ path }) => !isFile.test(path)),
    compared.map(({ record }) => record.best.top1),
  );
  const shown = effects.filter((axis) => axis.effects.length <= MOST_EFFECTS).slice(0, MOST_AXES);
  const hidden = effects.filter((axis) => !shown.includes(axis)).map(({ path }) => path);
  const captions = ["BitOPs", "size"].map(
    (cost) => `Best top-1 in percent against ${cost}; the line is the Pareto front`,
  );
  return html`<h2 id="overview">Overview</h2>
${resultsTable(runs, linked)}
<h3>Accuracy against cost</h3>
<div class="charts">${tradeoffCharts(runs).map((chart, i) => figure(chart, captions[i] ?? ""))}</div>
${
  shown.length === 0
    ? null
    : html`<h3>Effect of each value</h3>
<p>Mean of the best top-1 in percent over all runs with the value (dot), from the lowest to the highest run (line). The mean is over all other differences between these runs${compared.length < known.length ? "; full-precision runs are not included" : ""}.</p>
<div class="charts">${shown.map((effect) => figure(effectChart(effect), html`<b>${effect.path}</b>`))}</div>`
}
${hidden.length === 0 ? null : html`<p>Differing keys without a chart (too many values, or too many keys): ${hidden.slice(0, MOST_AXES).join(", ")}${hidden.length > MOST_AXES ? ", …" : ""}.</p>`}
${known.length > MOST_COLUMNS ? null : differenceSection(known, axes)}`;
}

function resultsTable(runs: readonly RunSummary[], linked: boolean): Markup {
  const rows = runs.map(({ id, record }) => [
    html`${linked ? html`<a href="#${id}">${record.name}</a>` : record.name} <span class="quiet">${record.hash.slice(0, 8)}</span>`,
    formatMethod(record.method),
    formatBits(record.bits),
    formatPercent(record.best.top1),
    formatPercent(record.best.top5),
    formatBytes(record.totals.packedBytes),
    formatCount(record.totals.bitOps),
  ]);
  const head = ["run", "method", "bits", "best top-1", "top-5", "size", "BitOPs"];
  return table(head, rows, [false, false, true, true, true, true, true]);
}

function differenceSection(runs: readonly RunSummary[], axes: readonly Difference[]): Markup {
  if (axes.length === 0) return html`<h3>Differences</h3><p>The experiments have the same values.</p>`;
  const rows = axes.map(({ path, values }) => [
    html`<code>${path}</code>`,
    ...values.map((value) =>
      value === null ? html`<span class="quiet">not set</span>` : html`<code>${shownValue(value)}</code>`,
    ),
  ]);
  const head = ["key", ...runs.map(({ record }) => `${record.name} ${record.hash.slice(0, 8)}`)];
  return html`<h3>Differences</h3>
<p>The resolved values that are not the same in all runs.</p>
${table(head, rows, [])}`;
}
