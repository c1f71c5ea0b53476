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
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: {
      ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", left: "", right: "", middle: "  " },
      ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
      ...{ mid: "─", "left-mid": "", "mid-mid": "  ", "right-mid": "" },
    },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
