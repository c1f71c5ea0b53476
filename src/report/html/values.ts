import type { RunHistory } from "../../runs/summary.js";
import { flatten, shownValue } from "../difference.js";
import { type Content, html, type Markup } from "./markup.js";
import { table } from "./parts.js";

/** Every value of resolved.yaml, with the line that set the value if the run recorded it. */
export function valuesSection({ resolved, sources }: RunHistory): Markup | null {
  const values = [...flatten(resolved)];
  if (resolved === null) return null;
  const rows = values.map(([path, value]): readonly Content[] => [
    html`<code>${path}</code>`,
    html`<code>${shownValue(value)}</code>`,
    ...(sources === null ? [] : [sources[path] ?? "derived"]),
  ]);
  const head = sources === null ? ["key", "value"] : ["key", "value", "from"];
  return html`<details><summary>All values of the experiment${sources === null ? "" : " and their origins"}</summary>
${table(head, rows, [false, false, false])}</details>`;
}
