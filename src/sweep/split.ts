const CLOSERS: Readonly<Record<string, string>> = { "[": "]", "{": "}", '"': '"', "'": "'" };

/** Splits at commas outside of brackets, braces and quotes: `2,{weights: 3, activations: 2}` has two parts. */
export function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  const open: string[] = [];
  let part = "";
  for (const character of text) {
    const wanted = open.at(-1);
    const quoted = wanted === '"' || wanted === "'";
    if (character === wanted) open.pop();
    else if (!quoted && CLOSERS[character] !== undefined) open.push(CLOSERS[character]);
    if (character === "," && open.length === 0) {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== "");
}
