import type { RunRecord } from "../runs/record.js";
import { renderTable } from "./table.js";
import { formatBits, formatBytes, formatCount, formatMethod, formatPercent } from "./units.js";

/** The summary of a run: full-precision and quantized accuracy, bits, size and BitOPs. */
export function resultTable(record: RunRecord): string {
  const { fullPrecision, best, totals } = record;
  const both = [
    ...(fullPrecision === null ? [] : [{ ...fullPrecision, method: "none", bits: null }]),
    { ...record, ...best, ...totals },
  ];
  const rows = both.map(({ name, method, top1, top5, bits, packedBytes, bitOps }) => [
    ...[name, formatMethod(method), formatPercent(top1), formatPercent(top5)],
    ...[formatBits(bits), formatBytes(packedBytes), formatCount(bitOps)],
  ]);
  const head = ["network", "method", "top-1", "top-5", "bits", "size", "BitOPs"];
  return renderTable(head, rows, [false, false, true, true, true, true, true]);
}
