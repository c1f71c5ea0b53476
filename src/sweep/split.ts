import { endOfQuoted } from "../config/quotes.js";

const CLOSERS: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/**
 * Splits at commas outside of brackets, braces and quotes: `2,{weights: 3, activations: 2}` has two parts. Quotes are YAML's:
 * they count where a value begins, so that `it's,b` has two parts. A bracket that is never closed is a character like any
 * other. Empty parts are left out.
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

/** For every quote and bracket that opens, where it closes. */
function closingPlaces(text: string): Map<number, number> {
  const places = new Map<number, number>();
  const open: number[] = [];
  // Whether a value begins here: a quote counts there only.
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
