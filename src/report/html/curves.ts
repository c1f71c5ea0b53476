import type { EpochPoint, RunHistory, StepPoint } from "../../runs/summary.js";
import { formatPercent } from "../units.js";
import { axis, type Chart, still } from "./chart.js";
import { color } from "./palette.js";

const [WIDTH, HEIGHT] = [340, 220];
/** Maximum number of points; a chart of this width cannot show more. */
const MOST_POINTS = 160;

/**
 * Charts of loss and top-1 over the steps, for training and for the validation after each epoch. Empty if
 * there are no metrics.
 */
export function curveCharts(run: RunHistory): Chart[] {
  if (run.steps.length + run.epochs.length === 0) return [];
  const steps = thinned(run.steps);
  const epochs = spread(run.epochs);
  const loss = curve(
    "Loss",
    steps.map(({ step, loss }) => [step, loss]),
    epochs.map(({ step, validation }) => [step, validation.loss]),
    (value) => value.toFixed(4),
    epochs,
  );
  const top1 = curve(
    "Top-1 in percent",
    steps.map(({ step, top1 }) => [step, top1]),
    epochs.map(({ step, validation }) => [step, validation.top1]),
    formatPercent,
    epochs,
  );
  return [loss, top1];
}

type Point = readonly [step: number, value: number];

function curve(
  label: string,
  training: readonly Point[],
  validation: readonly Point[],
  format: (value: number) => string,
  epochs: readonly EpochPoint[],
): Chart {
  const option = {
    grid: { left: 44, right: 14, top: 12, bottom: 40 },
    xAxis: axis({ type: "value", name: "step", nameLocation: "middle", nameGap: 26, max: "dataMax" }),
    yAxis: axis({ type: "value", scale: true }),
    series: [
      {
        ...{ type: "line", data: training, symbol: "none", ...still },
        lineStyle: { color: color.second, width: 1.2 },
      },
      {
        ...{ type: "line", data: validation, symbol: "circle", symbolSize: 5, showAllSymbol: true, ...still },
        itemStyle: { color: color.main },
        lineStyle: { color: color.main, width: 2 },
      },
    ],
  };
  const tooltip = (series: number, index: number): string => {
    const [step, value] = (series === 0 ? training : validation)[index] ?? [0, Number.NaN];
    const where = series === 0 ? `step ${step}` : `epoch ${epochs[index]?.epoch ?? "?"}, step ${step}`;
    return `${where}: ${format(value)}`;
  };
  return { width: WIDTH, height: HEIGHT, label, option, tooltip };
}

/** At most `MOST_POINTS` epochs, evenly spread, including the last one. */
function spread(epochs: readonly EpochPoint[]): readonly EpochPoint[] {
  const each = Math.max(1, Math.ceil(epochs.length / MOST_POINTS));
  return epochs.filter((_, index) => (epochs.length - 1 - index) % each === 0);
}

/** Averages neighboring steps to at most `MOST_POINTS` points. */
function thinned(points: readonly StepPoint[]): { step: number; loss: number; top1: number }[] {
  const bucket = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return Array.from({ length: Math.ceil(points.length / bucket) }, (_, i) => {
    const own = points.slice(i * bucket, (i + 1) * bucket);
    const mean = (pick: (point: StepPoint) => number) =>
      own.reduce((sum, point) => sum + pick(point), 0) / own.length;
    return {
      step: own.at(-1)?.step ?? 0,
      loss: rounded(mean(({ loss }) => loss)),
      top1: rounded(mean(({ top1 }) => top1)),
    };
  });
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
