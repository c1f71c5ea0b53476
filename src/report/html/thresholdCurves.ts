import type { ActivationAnalysis } from "../../runs/record.js";
import { axis, type Chart, still } from "./chart.js";
import { short } from "./numbers.js";
import { color } from "./palette.js";

const [WIDTH, HEIGHT] = [160, 124];
/** Maximum number of levels with a line each: more lines would form a gray area. */
const MOST_LEVEL_LINES = 16;

/**
 * The threshold curve of an activation quantizer at the end of training, drawn over the initial one: input on
 * the x axis, uniform levels on the y axis.
 */
export function thresholdCurveChart({ layer, start, end }: ActivationAnalysis): Chart {
  const both = start === null ? [end] : [start, end];
  const edges = both.flatMap(({ thresholds }) => thresholds);
  const levels = both.flatMap((one) => one.levels);
  const [low, high] = [Math.min(0, ...edges), Math.max(0, ...edges)];
  const margin = Math.max(1e-6, (high - low) * 0.15);
  const range: readonly [number, number] = [low - margin, high + margin];
  const [bottom, top] = [Math.min(0, ...levels), Math.max(0, ...levels)];
  const levelLines = end.levels.length <= MOST_LEVEL_LINES ? end.levels : [];
  const line = (data: readonly (Point | typeof GAP)[], style: object) => ({
    ...{ type: "line", data, symbol: "none", lineStyle: style, ...still },
  });
  const option = {
    grid: { left: 34, right: 8, top: 8, bottom: 20 },
    xAxis: axis({
      type: "value",
      min: range[0],
      max: range[1],
      splitLine: { show: false },
      ...labels(range),
    }),
    yAxis: axis({
      ...{ type: "value", min: bottom, max: top === bottom ? bottom + 1 : top, splitLine: { show: false } },
      ...labels([bottom, top]),
    }),
    series: [
      line(
        levelLines.flatMap((level) => [[range[0], level] as const, [range[1], level] as const, GAP]),
        { color: color.faint, width: 0.5 },
      ),
      ...(start === null
        ? []
        : [line(corners(start, range), { color: color.faint, width: 1.5, type: "dashed" })]),
      line(corners(end, range), { color: color.main, width: 2 }),
    ],
  };
  const label = `${layer}: thresholds at the end ${end.thresholds.map(short).join(", ") || "none"}`;
  return { width: WIDTH, height: HEIGHT, label, option };
}

type Point = readonly [number, number];
/** Interrupts a line. */
const GAP = ["-", "-"] as const;

/** The corners of a threshold curve, from the left edge of the chart to the right one. */
export function corners({ thresholds, levels }: ActivationAnalysis["end"], [left, right]: Point): Point[] {
  const first = levels[0] ?? 0;
  return [
    [left, first],
    ...thresholds.flatMap((threshold, k): Point[] => [
      [threshold, levels[k] ?? 0],
      [threshold, levels[k + 1] ?? 0],
    ]),
    [right, levels.at(-1) ?? first],
  ];
}

/** Labels at a few round values. */
function labels([low, high]: Point): object {
  const format = (value: number) => (value === high || (value === low && low !== 0) ? "" : short(value));
  return {
    splitNumber: 3,
    axisLabel: { color: color.muted, fontSize: 11, hideOverlap: true, formatter: format },
  };
}
