import Table from "cli-table3";

/** A table for the terminal: thin rules, columns of numbers to the right. `numeric` says which columns those are. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly boolean[],
): string {
  const table = new Table({
    head: [...head],
    colAligns: numeric.map((isNumeric) => (isNumeric ? "right" : "left")),
    style: { head: [], border: [], compact: true },
    chars: {
      ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", left: "", right: "", middle: "  " },
      ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
      ...{ mid: "─", "left-mid": "", "mid-mid": "──", "right-mid": "" },
    },
  });
  const ruler = head.map((title, column) => {
    const widths = [title, ...rows.map((row) => row[column] ?? "")].map((text) => text.length);
    return "─".repeat(Math.max(...widths));
  });
  table.push(ruler, ...rows.map((row) => [...row]));
  return table.toString();
}
