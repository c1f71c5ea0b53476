import { axis, type Chart, still } from "./chart.js";
import { type ColorName, color } from "./palette.js";

const WIDTH = 340;
const [ROW, TOP, BOTTOM] = [18, 6, 24];

/** A value of a layer, and its possible maximum. */
export interface LayerValue {
  readonly layer: string;
  readonly value: number;
  readonly most?: number;
}

/** One bar per layer, input at the top; the maximum is drawn behind the value. */
export function layerBars(
  label: string,
  rows: readonly LayerValue[],
  fill: ColorName,
  format: (value: number) => string,
): Chart {
  const bar = (data: readonly (number | null)[], name: ColorName) => ({
    ...{ type: "bar", data, barGap: "-100%", barWidth: "62%", itemStyle: { color: color[name] }, ...still },
  });
  const most = rows.map((row) => row.most ?? null);
  const option = {
    grid: { left: 128, right: 14, top: TOP, bottom: BOTTOM },
    xAxis: axis({
      ...{ type: "value", min: 0, splitNumber: 4 },
      axisLabel: { color: color.muted, fontSize: 11, hideOverlap: true, formatter: format },
    }),
    yAxis: axis({
      ...{ type: "category", inverse: true, data: rows.map(({ layer }) => layer) },
      axisLabel: { color: color.muted, fontSize: 11, width: 122, overflow: "truncate", interval: 0 },
    }),
    series: [
      bar(most, "line"),
      bar(
        rows.map(({ value }) => value),
        fill,
      ),
    ],
  };
  const tooltip = (_series: number, index: number): string => {
    const row = rows[index];
    if (row === undefined) return "";
    return `${row.layer}: ${format(row.value)}${row.most === undefined ? "" : ` of ${format(row.most)}`}`;
  };
  return { width: WIDTH, height: TOP + BOTTOM + ROW * rows.length, label, option, tooltip };
}
