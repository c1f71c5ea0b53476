/** `{000..127}` stands for each number with as many digits, `{a,b}` for each word; several braces for every combination. */
export function expandBraces(pattern: string): string[] {
  const found = /\{([^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const [before, after] = [pattern.slice(0, found.index), pattern.slice(found.index + found[0].length)];
  return wordsIn(found[1] ?? "").flatMap((word) => expandBraces(`${before}${word}${after}`));
}

function wordsIn(inside: string): string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside);
  if (range === null) return inside.split(",");
  const [, low = "", high = ""] = range;
  const count = Math.max(0, Number(high) - Number(low) + 1);
  return Array.from({ length: count }, (_, i) => String(Number(low) + i).padStart(low.length, "0"));
}
