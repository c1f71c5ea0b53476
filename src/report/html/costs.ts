import type { Analysis, RunRecord } from "../../runs/record.js";
import { formatBytes, formatCount, formatMethod } from "../units.js";
import { layerBars } from "./layerBars.js";
import { html, type Markup } from "./markup.js";
import { figure, table } from "./parts.js";

/** Bits, size and BitOPs per layer. */
export function costSection({ layers }: Analysis, { totals }: RunRecord): Markup {
  const shown = layers.filter(({ macs }) => macs > 0);
  const other = totals.packedBytes - shown.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
  const rows = shown.map((layer) => [
    ...[layer.id, layer.weightBits, layer.activationBits, formatMethod(layer.method)],
    ...[formatCount(layer.parameters), formatBytes(layer.packedBytes)],
    ...[formatCount(layer.macs), formatCount(layer.bitOps)],
  ]);
  const rest = ["everything else", null, null, null, null, formatBytes(other), null, null];
  const sums = [
    html`<b>sum</b>`,
    ...[null, null, null],
    ...[formatCount(totals.parameters), formatBytes(totals.packedBytes)],
    ...[formatCount(totals.macs), formatCount(totals.bitOps)],
  ];
  const head = ["layer", "W", "A", "method", "parameters", "size", "MACs", "BitOPs"];
  const numeric = [false, true, true, false, true, true, true, true];
  const bitOps = shown.map(({ id, bitOps: value }) => ({ layer: id, value }));
  const sizes = shown.map(({ id, packedBytes }) => ({ layer: id, value: packedBytes }));
  const drawn = [
    figure(layerBars("BitOPs by layer", bitOps, "main", formatCount), "BitOPs by layer"),
    figure(
      layerBars("Size by layer", sizes, "main", formatBytes),
      "Size by layer, weights packed at their bits",
    ),
  ];
  return html`<h3>Bits, size and BitOPs</h3>
<div class="charts">${drawn}</div>
${table(head, [...rows, rest, sums], numeric)}`;
}
