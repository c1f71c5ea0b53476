import { shownValue } from "../difference.js";
import type { AxisEffect } from "../effects.js";
import { formatPercent } from "../units.js";
import { axis, type Chart, FONT_SIZE, still } from "./chart.js";
import { color } from "./palette.js";

const WIDTH = 340;
const [ROW, TOP, BOTTOM] = [22, 6, 24];

/** For each value of one axis: the mean best top-1, with the range over runs. */
export function effectChart({ path, effects }: AxisEffect): Chart {
  const lowest = Math.min(...effects.map((effect) => effect.lowest));
  const highest = Math.max(...effects.map((effect) => effect.highest));
  const margin = Math.max(0.5, (highest - lowest) * 0.1);
  const option = {
    grid: { left: 128, right: 14, top: TOP, bottom: BOTTOM },
    xAxis: axis({
      ...{ type: "value", splitNumber: 4 },
      ...{ min: Math.max(0, Math.floor(lowest - margin)), max: Math.min(100, Math.ceil(highest + margin)) },
    }),
    yAxis: axis({
      ...{ type: "category", inverse: true, data: effects.map(({ value }) => shownValue(value)) },
      axisLabel: { color: color.muted, fontSize: FONT_SIZE, width: 122, overflow: "truncate", interval: 0 },
    }),
    series: [
      ...effects.map((effect, row) => ({
        ...{ type: "line", symbol: "none", ...still },
        data: [
          [effect.lowest, row],
          [effect.highest, row],
        ],
        lineStyle: { color: color.faint, width: 3 },
      })),
      {
        ...{ type: "scatter", symbolSize: 11, itemStyle: { color: color.main, opacity: 1 }, ...still },
        data: effects.map(({ meanTop1 }, row) => [meanTop1, row]),
      },
    ],
  };
  const tooltip = (_series: number, index: number): string => {
    const effect = effects[index];
    if (effect === undefined) return "";
    const { value, runs, meanTop1, lowest: from, highest: to } = effect;
    return `${shownValue(value)}: ${formatPercent(meanTop1)} over ${runs} runs, ${formatPercent(from)} to ${formatPercent(to)}`;
  };
  return {
    ...{ width: WIDTH, height: TOP + BOTTOM + ROW * effects.length, option, tooltip },
    label: `Mean best top-1 in percent by ${path}`,
  };
}
