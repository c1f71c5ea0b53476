/**
 * Expands braces: `{000..127}` becomes every number, padded to three digits; `{a,b}` becomes every word;
 * several braces become all combinations. @returns null if there are more than `most`
 */
export function expandBraces(pattern: string, most = Number.POSITIVE_INFINITY): string[] | null {
  let texts = [pattern];
  for (;;) {
    const next: string[] = [];
    let changed = false;
    for (const text of texts) {
      const found = /\{([^{}]*)\}/.exec(text);
      const words = found === null ? [""] : wordsIn(found[1] ?? "", most - next.length);
      if (words === null || next.length + words.length > most) return null;
      if (found === null) next.push(text);
      else {
        changed = true;
        const after = text.slice(found.index + found[0].length);
        for (const word of words) next.push(text.slice(0, found.index) + word + after);
      }
    }
    if (!changed) return next;
    texts = next;
  }
}

function wordsIn(inside: string, most: number): string[] | null {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  if (range === null) return inside.split(",");
  const [, low = "", high = ""] = range;
  const count = Math.max(0, Number(high) - Number(low) + 1);
  if (!(count <= most)) return null;
  return Array.from({ length: count }, (_, i) => String(Number(low) + i).padStart(low.length, "0"));
}
