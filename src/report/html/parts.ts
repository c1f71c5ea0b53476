import { type Chart, drawChart } from "./chart.js";
import { type Content, html, type Markup } from "./markup.js";

/** A chart with a caption above it. */
export function figure(chart: Chart, caption: Content): Markup {
  return html`<figure><figcaption>${caption}</figcaption>${drawChart(chart)}</figure>`;
}

/** A table that scrolls on narrow pages. `numeric` marks columns of numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Content[])[],
  numeric: readonly boolean[],
): Markup {
  const kind = (column: number) => (numeric[column] === true ? html` class="n"` : null);
  const heads = head.map((name, column) => html`<th scope="col"${kind(column)}>${name}</th>`);
  const lines = rows.map(
    (row) => html`<tr>${row.map((cell, column) => html`<td${kind(column)}>${cell}</td>`)}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>
${lines}</tbody></table></div>`;
}

/** A legend entry for a color. */
export function key(name: string, text: string): Markup {
  return html`<span class="key ${name}"></span>${text}`;
}

/** A layer's name, with line breaks allowed after its dots. */
export function layerName(name: string): Markup {
  return html`<b>${name.split(".").map((part, i) => html`${i === 0 ? null : html`.<wbr>`}${part}`)}</b>`;
}
