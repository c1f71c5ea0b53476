import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeText, Markup } from "./markup.js";
import { color, withProperties } from "./palette.js";

use([BarChart, LineChart, ScatterChart, GridComponent, SVGRenderer]);

/** One chart. Its size in CSS pixels is the minimum; the page may stretch it. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  /** Text for screen readers. */
  readonly label: string;
  readonly option: EChartsCoreOption;
  /** The tooltip of a mark, by series index and value index. */
  readonly tooltip?: (series: number, index: number) => string;
}

export const FONT_SIZE = 11;
const FONT = "sans-serif";

/** Renders a chart as SVG: no script, no network, colors by the page's CSS properties. */
export function drawChart({ width, height, label, option, tooltip }: Chart): Markup {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, fontSize: FONT_SIZE, color: color.muted },
      ...option,
    });
    return new Markup(compact(chart.renderToSVGString(), label, width, height, tooltip));
  } finally {
    chart.dispose();
  }
}

/** A value or category axis in the page's colors. */
export function axis(rest: object): object {
  return {
    axisLine: { show: true, lineStyle: { color: color.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: color.line, width: 0.5 } },
    axisLabel: { color: color.muted, fontSize: FONT_SIZE, hideOverlap: true },
    nameTextStyle: { color: color.muted, fontSize: FONT_SIZE },
    ...rest,
  };
}

/** Marks that do not change under the pointer. */
export const still = { emphasis: { disabled: true }, silent: false } as const;

/**
 * Removes definitions that the page contains once for all charts, and clip paths without effect (the axes
 * contain all values); turns the renderer's mark numbers into tooltips.
 */
function compact(
  svg: string,
  label: string,
  width: number,
  height: number,
  tooltip: Chart["tooltip"],
): string {
  const open = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(label)}">`;
  const body = svg
    .replace(/^<svg[^>]*>/, open)
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<rect [^>]*fill="none"><\/rect>/, "")
    .replace(/ (class|pointer-events|dominant-baseline|stroke-linejoin|stroke-linecap)="[^"]*"/g, "")
    .replaceAll(` style="font-size:${FONT_SIZE}px;font-family:${FONT};"`, "")
    .replace(
      /<(\w+)([^>]*?) ecmeta_series_index="(\d+)" ecmeta_data_index="(\d+)"([^>]*)><\/\1>/g,
      (_all, tag: string, before: string, series: string, index: string, after: string) => {
        const text = tooltip?.(Number(series), Number(index));
        const title = text === undefined ? "" : `<title>${escapeText(text)}</title>`;
        return `<${tag}${before}${after}>${title}</${tag}>`;
      },
    )
    .replace(/ ecmeta_\w+="[^"]*"/g, "")
    .replace(/<g clip-path="[^"]*">/g, "<g>")
    .replace(/<defs >[\s\S]*?<\/defs>/g, "")
    .replace(/>\s+</g, "><");
  return withProperties(body).replaceAll(' fill="var(--muted)">', ">");
}
