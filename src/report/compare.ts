import type { RunSummary } from "../runs/summary.js";
import { differences, shownValue } from "./difference.js";
import { environmentRows } from "./environment.js";
import { renderTable } from "./table.js";
import { formatBits, formatBytes, formatCount, formatMethod, formatPercent } from "./units.js";

const LAST_BITS = "These differences can change the last bits of a result: docs/reproducibility.md.";

/**
 * Compares two runs: the resolved values that differ, their results, and the differences of their
 * environments.
 */
export function compareText(a: RunSummary, b: RunSummary): string {
  const head = ["", a.id, b.id];
  const rows = differences([a.resolved, b.resolved]).map(({ path, values }) => [
    path,
    ...values.map((value) => shownValue(value)),
  ]);
  const values =
    rows.length > 0
      ? renderTable(["value", a.id, b.id], rows, [false, false, false])
      : "The experiments have the same values.";
  const results = resultRows.map(([name, show]) => [name, show(a), show(b)]);
  const places = environmentRows(a.record.environment, b.record.environment);
  const notes = [a, b].flatMap(({ id, notes }) => notes.map((note) => `${id}: ${note}`));
  return [
    values,
    "",
    renderTable(head.with(0, "result"), results, [false, true, true]),
    ...(places.length === 0
      ? []
      : ["", renderTable(head.with(0, "made with"), places, [false, false, false]), LAST_BITS]),
    ...(notes.length > 0 ? ["", ...notes] : []),
  ].join("\n");
}

/** The comparison as JSON. */
export function compareJson(a: RunSummary, b: RunSummary): unknown {
  const short = ({ id, directory, record }: RunSummary) => ({ id, directory, record });
  const environment = environmentRows(a.record.environment, b.record.environment);
  return {
    differences: differences([a.resolved, b.resolved]),
    environment: environment.map(([name, ...values]) => ({ name, values })),
    runs: [short(a), short(b)],
  };
}

const resultRows: readonly (readonly [string, (run: RunSummary) => string])[] = [
  ["best top-1", ({ record }) => formatPercent(record.best.top1)],
  ["best top-5", ({ record }) => formatPercent(record.best.top5)],
  ["best loss", ({ record }) => record.best.loss.toFixed(4)],
  ["best epoch", ({ record }) => `${record.best.epoch} of ${record.epochs}`],
  ["final top-1", ({ record }) => formatPercent(record.final.top1)],
  ["method", ({ record }) => formatMethod(record.method)],
  ["bits", ({ record }) => formatBits(record.bits)],
  ["parameters", ({ record }) => formatCount(record.totals.parameters)],
  ["size", ({ record }) => formatBytes(record.totals.packedBytes)],
  ["BitOPs", ({ record }) => formatCount(record.totals.bitOps)],
  ["images/s", ({ record }) => record.timing.imagesPerSecond.toFixed(0)],
];
