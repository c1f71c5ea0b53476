/**
 * Index after the quoted YAML scalar that begins at `at`; undefined if there is none, or it is not closed. In
 * double quotes a backslash escapes; in single quotes `''` is one quote.
 */
export function endOfQuoted(text: string, at: number): number | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return undefined;
  for (let i = at + 1; i < text.length; i++) {
    if (quote === '"' && text[i] === "\\") i += 1;
    else if (text[i] === quote) {
      if (quote === '"' || text[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return undefined;
}

/** Whether a value begins with a quote. */
export function beginsQuoted(text: string): boolean {
  return /^\s*["']/.test(text);
}
