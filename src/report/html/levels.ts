import type { LevelUse } from "../../train/record.js";
import type { Chart } from "./chart.js";
import { axis, still } from "./chart.js";
import { short } from "./numbers.js";
import type { ColorName } from "./palette.js";
import { color } from "./palette.js";

const [WIDTH, HEIGHT] = [180, 120];
/** More levels than this are drawn as one area. */
const MOST_BARS = 32;

/** How often each level is taken, in percent. */
export function levelChart(use: LevelUse & { readonly layer: string }, fill: ColorName): Chart {
  const total = Math.max(
    1,
    use.counts.reduce((sum, count) => sum + count, 0),
  );
  const shares = use.counts.map((count) => Number(((100 * count) / total).toPrecision(4)));
  const marks =
    shares.length <= MOST_BARS
      ? { type: "bar", barCategoryGap: "20%", itemStyle: { color: color[fill] } }
      : {
          ...{ type: "line", step: "middle", symbol: "none" },
          ...{ lineStyle: { width: 0 }, areaStyle: { color: color[fill] } },
        };
  const option = {
    grid: { left: 30, right: 6, top: 8, bottom: 20 },
    xAxis: axis({ type: "category", data: use.levels.map(short), splitLine: { show: false } }),
    yAxis: axis({ type: "value", min: 0, splitNumber: 2 }),
    series: [{ ...marks, data: shares, ...still }],
  };
  const tooltip = (_series: number, index: number) =>
    `level ${short(use.levels[index] ?? 0)}: ${shares[index]} % (${use.counts[index]})`;
  const label = `${use.layer}: share of each level in percent, entropy ${use.entropy.toFixed(2)} of ${use.bits} bits`;
  return { width: WIDTH, height: HEIGHT, label, option, tooltip };
}
