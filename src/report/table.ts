import stringWidth from "string-width";

/** Width of a text in terminal columns. Fast for plain text, because a table may have ten thousand rows. */
function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** Text from a damaged file must not move the cursor or begin a row. */
function onOneLine(text: string): string {
  return /^[ -~]*$/.test(text) ? text : text.replace(/\p{Cc}+/gu, " ");
}

/** A table for the terminal: thin rules, columns of numbers right-aligned. `numeric` marks these columns. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly boolean[],
): string {
  const widths = head.map(widthOf);
  const printable = rows.map((row) => row.map(onOneLine));
  for (const row of printable) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(text));
  }
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => {
        const space = " ".repeat((widths[column] ?? 0) - widthOf(text));
        return numeric[column] === true ? space + text : text + space;
      })
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...printable.map(line)].join("\n");
}
