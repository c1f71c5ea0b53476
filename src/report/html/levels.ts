import type { LevelUse } from "../../runs/record.js";
import { axis, type Chart, FONT_SIZE, still } from "./chart.js";
import { short, shorter } from "./numbers.js";
import { type ColorName, color } from "./palette.js";

const [WIDTH, HEIGHT] = [160, 116];
/** Maximum number of bars; if there are more levels, neighboring levels share a bar. */
const MOST_BARS = 32;

/** Neighboring levels that share a bar, and their total count. */
interface Bar {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** The frequency of each level in percent. */
export function levelChart(use: LevelUse & { readonly layer: string }, fill: ColorName): Chart {
  const total = Math.max(
    1,
    use.counts.reduce((sum, count) => sum + count, 0),
  );
  const bars = barsOf(use);
  const shares = bars.map(({ count }) => Number(((100 * count) / total).toPrecision(4)));
  const option = {
    grid: { left: 30, right: 6, top: 8, bottom: 20 },
    xAxis: axis({
      ...{ type: "category", data: bars.map(({ first }) => shorter(first)), splitLine: { show: false } },
      ...(bars.length > 4 ? {} : everyLabel),
    }),
    yAxis: axis({ type: "value", min: 0, splitNumber: 2 }),
    series: [
      {
        ...{ type: "bar", data: shares, barCategoryGap: "20%", itemStyle: { color: color[fill] } },
        ...still,
      },
    ],
  };
  const tooltip = (_series: number, index: number): string => {
    const { first, last, count } = bars[index] ?? { first: 0, last: 0, count: 0 };
    const levels = first === last ? `level ${short(first)}` : `levels ${short(first)} to ${short(last)}`;
    return `${levels}: ${shares[index]} % (${count})`;
  };
  const label = `${use.layer}: share of each level in percent, entropy ${use.entropy.toFixed(2)} of ${use.bits} bits`;
  return { width: WIDTH, height: HEIGHT, label, option, tooltip };
}

function barsOf({ levels, counts }: LevelUse): Bar[] {
  const each = Math.max(1, Math.ceil(levels.length / MOST_BARS));
  return Array.from({ length: Math.ceil(levels.length / each) }, (_, bar) => {
    const own = levels.slice(bar * each, (bar + 1) * each);
    const count = counts.slice(bar * each, (bar + 1) * each).reduce((sum, one) => sum + one, 0);
    return { first: own[0] ?? 0, last: own.at(-1) ?? 0, count };
  });
}

/** Shows a label at every bar; up to four labels fit. */
const everyLabel = { axisLabel: { color: color.muted, fontSize: FONT_SIZE, interval: 0 } };
