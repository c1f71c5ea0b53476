import type { RunRecord } from "../runs/record.js";
import { renderTable } from "./table.js";
import { formatBits, formatBytes, formatCount, formatPercent } from "./units.js";

/** The summary of a run: full-precision and quantized accuracy, bits, size and BitOPs. */
export function resultTable(record: RunRecord): string {
  const { fullPrecision, best, bits, totals, method } = record;
  const rows: string[][] = [];
  if (fullPrecision !== null) {
    const { name, top1, top5, packedBytes, bitOps } = fullPrecision;
    rows.push([
      name,
      "full precision",
      formatPercent(top1),
      formatPercent(top5),
      formatBits(null),
      formatBytes(packedBytes),
      formatCount(bitOps),
    ]);
  }
  rows.push([
    record.name,
    method === "none" ? "full precision" : method,
    formatPercent(best.top1),
    formatPercent(best.top5),
    formatBits(bits),
    formatBytes(totals.packedBytes),
    formatCount(totals.bitOps),
  ]);
  const head = ["network", "method", "top-1", "top-5", "bits", "size", "BitOPs"];
  return renderTable(head, rows, [false, false, true, true, true, true, true]);
}
