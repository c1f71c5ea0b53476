import type { SearchRecord } from "../../runs/summary.js";
import { formatPercent } from "../units.js";
import { type Content, html, type Markup } from "./markup.js";
import { layerName, table } from "./parts.js";

/**
 * The result of a mixed-precision search: each layer's added loss at each bit width, with that of the chosen
 * bit width in bold.
 */
export function searchSection({ name, baseline, costs, layers }: SearchRecord): Markup {
  const candidates = [...new Set(layers.flatMap(({ penalties }) => Object.keys(penalties)))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const kept = Object.entries(costs).map(
    ([limit, one]) => html`<li>${limit} <b>${rounded(one.found)}</b> of ${rounded(one.limit)}</li>`,
  );
  const rows = layers.map(({ layer, penalties, bits }) => [
    layerName(layer),
    ...candidates.map((one) => shown(penalties[one], Number(one) === bits)),
    bits,
  ]);
  const head = ["layer", ...candidates.map((one) => `loss added at W${one}`), "chosen bits"];
  return html`<h3>Search ${name}</h3>
<p>This network, all layers at their largest bits, has loss ${baseline.loss.toFixed(4)} and top-1 ${formatPercent(baseline.top1)} on held-out images. Each layer alone was lowered; from the largest bits down, the step that added the least loss for what it saved was taken until the budget was kept.</p>
<ul class="facts">${kept}</ul>
${table(head, rows, [false, ...candidates.map(() => true), true])}`;
}

function shown(penalty: number | undefined, chosen: boolean): Content {
  if (penalty === undefined) return "";
  return chosen ? html`<b>${penalty.toFixed(4)}</b>` : penalty.toFixed(4);
}

function rounded(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString("en");
}
