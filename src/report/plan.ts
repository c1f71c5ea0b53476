import type { LayerCost, Totals } from "../graph/cost.js";
import { renderTable } from "./table.js";
import { formatBytes, formatCount } from "./units.js";

/** One line of the plan: a layer's cost, and the setting that decided its bits. */
export interface PlanLayer extends LayerCost {
  /** E.g. `layers[0] (quickstart.yaml:12)`; absent for a layer whose bits no setting decides. */
  readonly setBy?: string;
}

/** The plan as a table. @param all whether to show every node, not only layers that multiply by weights */
export function planTable(layers: readonly PlanLayer[], all: boolean): string {
  const shown = all ? layers : layers.filter(({ macs }) => macs > 0);
  const rows = shown.map((layer) => [
    layer.id,
    layer.kind,
    layer.outputShape.join("×"),
    String(layer.weightBits ?? ""),
    String(layer.activationBits ?? ""),
    layer.method === "none" ? "" : layer.method,
    formatCount(layer.parameters),
    layer.macs === 0 ? "" : formatCount(layer.macs),
    layer.bitOps === 0 ? "" : formatCount(layer.bitOps),
    layer.setBy ?? "",
  ]);
  const head = ["layer", "kind", "output", "W", "A", "method", "parameters", "MACs", "BitOPs", "set by"];
  const numeric = [false, false, true, true, true, false, true, true, true, false];
  return renderTable(head, rows, numeric);
}

/** The totals in one line. */
export function totalsLine(totals: Totals): string {
  const { parameters, macs, bitOps, packedBytes } = totals;
  const parts = [
    `${formatCount(parameters)} parameters`,
    `${formatCount(macs)} MACs`,
    `${formatCount(bitOps)} BitOPs`,
    `${formatBytes(packedBytes)} packed`,
  ];
  return parts.join(" · ");
}
