import type { RunHistory } from "../../runs/summary.js";
import { formatBits, formatBytes, formatCount, formatDuration, formatPercent } from "../units.js";
import { costSection } from "./costs.js";
import { curveCharts } from "./curves.js";
import { type Content, html, type Markup } from "./markup.js";
import { figure, key } from "./parts.js";
import { quantizerSections } from "./quantizers.js";
import { searchSection } from "./search.js";
import { valuesSection } from "./values.js";

/** The section of one run. */
export function runSection(run: RunHistory): Markup {
  const { id, record, notes, analysis } = run;
  return html`<section id="${id}">
<h2>${record.name} <span class="quiet">${record.hash.slice(0, 8)}</span></h2>
${facts(run)}
${notes.length === 0 ? null : html`<div class="notes">${notes.map((note) => html`<p>${note}</p>`)}</div>`}
${curves(run)}
${run.searches.map(searchSection)}
${analysis === null ? null : [quantizerSections(analysis), costSection(analysis, record)]}
${valuesSection(run)}
</section>
`;
}

function facts({ record }: RunHistory): Markup {
  const { best, totals, bits, method, fullPrecision, timing, environment, epochs, steps } = record;
  const list: readonly (readonly [string, Content])[] = [
    ["best top-1", formatPercent(best.top1)],
    ["top-5", formatPercent(best.top5)],
    ["in epoch", `${best.epoch} of ${epochs}`],
    ...(fullPrecision === null ? [] : [["full precision top-1", formatPercent(fullPrecision.top1)] as const]),
    ["network", record.architecture],
    ["quantized", method === "none" ? "no" : `${method} ${formatBits(bits)}`],
    ["size", formatBytes(totals.packedBytes)],
    ["BitOPs", formatCount(totals.bitOps)],
    ["parameters", formatCount(totals.parameters)],
    ["seed", record.seed],
    ["training", `${steps} steps in ${formatDuration(timing.seconds)}`],
    ["engine", `${environment.engine.name} ${environment.engine.version}, ${environment.engine.device}`],
  ];
  return html`<ul class="facts">${list.map(([name, value]) => html`<li>${name} <b>${value}</b></li>`)}</ul>`;
}

function curves(run: RunHistory): Content {
  const charts = curveCharts(run);
  if (charts.length === 0) return null;
  return html`<h3>Training</h3>
<p>${key("second", "training batches")}${key("main", "validation after each epoch")}</p>
<div class="charts">${charts.map((chart) => figure(chart, chart.label))}</div>`;
}
