import { endOfQuoted } from "../config/quotes.js";

const CLOSERS: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/**
 * Splits at commas outside of brackets, braces and quotes: `2,{weights: 3, activations: 2}` has two parts. As
 * in YAML, quotes count only at the beginning of a value, so `it's,b` has two parts. An unclosed bracket is
 * an ordinary character. Empty parts are dropped.
 */
export function splitTopLevel(text: string): string[] {
  const closers = closingPlaces(text);
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && text[at] !== ",") {
      at = closers.get(at) ?? at;
      continue;
    }
    parts.push(text.slice(from, at).trim());
    from = at + 1;
  }
  return parts.filter((one) => one !== "");
}

/** Maps the position of every opening quote and bracket to that of the closing one. */
function closingPlaces(text: string): Map<number, number> {
  const places = new Map<number, number>();
  const open: number[] = [];
  // Whether a value begins at this position; elsewhere a quote is an ordinary character.
  let begins = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const end: number | undefined = begins ? endOfQuoted(text, at) : undefined;
    if (end !== undefined) {
      places.set(at, end - 1);
      at = end - 1;
    } else if (character in CLOSERS) open.push(at);
    else if (open.length > 0 && character === CLOSERS[text[open.at(-1) ?? 0] ?? ""]) {
      places.set(open.pop() ?? 0, at);
    }
    const space = /\s/.test(character);
    begins = end === undefined && (",[{=".includes(character) || (space && (begins || text[at - 1] === ":")));
  }
  return places;
}
