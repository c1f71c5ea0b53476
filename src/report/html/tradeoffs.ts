import type { RunSummary } from "../../runs/summary.js";
import { paretoFront } from "../pareto.js";
import { formatBytes, formatCount, formatPercent } from "../units.js";
import { axis, type Chart, FONT_SIZE, still } from "./chart.js";
import { color } from "./palette.js";

const [WIDTH, HEIGHT] = [340, 260];

/** Best top-1 against BitOPs and against size; the line connects the Pareto front. */
export function tradeoffCharts(runs: readonly RunSummary[]): Chart[] {
  return [
    tradeoff("Best top-1 in percent against BitOPs", runs, ({ bitOps }) => bitOps, formatCount),
    tradeoff("Best top-1 in percent against size", runs, ({ packedBytes }) => packedBytes, formatBytes),
  ];
}

function tradeoff(
  label: string,
  runs: readonly RunSummary[],
  costOf: (totals: RunSummary["record"]["totals"]) => number,
  format: (cost: number) => string,
): Chart {
  const points = runs.map(({ record }) => [costOf(record.totals), record.best.top1] as const);
  const front = paretoFront(points.map(([cost, gain]) => ({ cost, gain })));
  const costs = points.map(([cost]) => cost);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const isWide = least > 0 && most / least > 20;
  const onFront = new Set(front);
  const option = {
    grid: { left: 44, right: 22, top: 22, bottom: 30 },
    xAxis: axis({
      ...(isWide ? { type: "log" } : { type: "value", scale: true, splitNumber: 3 }),
      axisLabel: { color: color.muted, fontSize: FONT_SIZE, hideOverlap: true, formatter: format },
    }),
    yAxis: axis({ type: "value", scale: true }),
    series: [
      {
        ...{ type: "scatter", symbolSize: 9, ...still },
        data: points.map((point, run) => ({
          value: point,
          itemStyle: { color: onFront.has(run) ? color.main : color.faint, opacity: 1 },
        })),
        label: {
          ...{ show: runs.length <= 12, position: "top", color: color.ink, fontSize: FONT_SIZE },
          formatter: ({ dataIndex }: { dataIndex: number }) => runs[dataIndex]?.record.name ?? "",
        },
        labelLayout: { hideOverlap: true },
      },
      {
        ...{ type: "line", data: front.map((run) => points[run]), symbol: "none", ...still },
        lineStyle: { color: color.main, width: 1.5 },
        z: 1,
      },
    ],
  };
  const tooltip = (series: number, index: number): string => {
    const [run, point] = [runs[index], points[index]];
    if (series !== 0 || run === undefined || point === undefined) return "Pareto front";
    return `${run.id}: ${formatPercent(point[1])}, ${format(point[0])}`;
  };
  return { width: WIDTH, height: HEIGHT, label, option, tooltip };
}
