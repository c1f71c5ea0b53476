import { CST } from "yaml";
import { faultAt, type Source } from "./source.js";

/** A kind of invisible or look-alike character, and how to fix it. */
interface Look {
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: string;
}

/** Rejected anywhere in a file, including comments. */
const ANYWHERE: readonly Look[] = [
  {
    pattern: /\r(?!\n)/,
    what: "a carriage return without a line feed",
    hint: "Save the file with the line ends of Unix (LF) or Windows (CRLF).",
  },
  {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds these characters
    pattern: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/,
    what: "a control character",
    hint: "Remove it, or write it in double quotes as an escape such as \\u0007.",
  },
  {
    pattern: /(?<!^)\ufeff/,
    what: "a byte order mark",
    hint: "Remove it: it is only allowed at the start of a file.",
  },
  {
    pattern: /[\u202a-\u202e\u2066-\u2069]/,
    what: "a character that reverses the direction of text",
    hint: "Remove it: it makes editors show the text in a different order than in the file.",
  },
];

/** Rejected in unquoted keys and values. */
const UNQUOTED: readonly Look[] = [
  {
    pattern: /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/,
    what: "a space that YAML does not support",
    hint: "Replace it with a plain space, or put the text in quotes if it is intended.",
  },
  {
    pattern: /[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064]/,
    what: "an invisible character",
    hint: "Remove it, or put the text in quotes if it is intended.",
  },
  {
    pattern: /^[\u2018-\u201f\u00ab\u00bb\u2039\u203a\u00b4\uff02\uff07]/,
    what: "a quotation mark that YAML does not support",
    hint: "Use \" or ' on both sides.",
  },
  {
    pattern: /^[\u2010-\u2015\u2212\ufe63\uff0d](?=\s*[\d.])/,
    what: "a dash that is not a minus sign",
    hint: "Replace it with a plain minus sign: -.",
  },
  {
    pattern: /^[\uff10-\uff19]|(?<=^[\w.-]+\s*)[\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e]/,
    what: "a full-width character",
    hint: "Replace it with the plain character, such as : or ,, or put the text in quotes if it is intended.",
  },
];

/** Rejects look-alike characters. @throws N2uqErrors N2UQ_CONFIG_CHARACTER, at the first one */
export function checkCharacters(source: Source, tokens: readonly CST.Token[]): void {
  report(source, source.text, 0, ANYWHERE);
  for (const token of tokens) {
    if (token.type !== "document") continue;
    CST.visit(token, ({ key, value }) => {
      for (const scalar of [key, value])
        if (scalar?.type === "scalar") report(source, scalar.source, scalar.offset, UNQUOTED);
    });
  }
}

function report(source: Source, text: string, offset: number, looks: readonly Look[]): void {
  for (const { pattern, what, hint } of looks) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    throw faultAt(source, offset + found.index, "N2UQ_CONFIG_CHARACTER", { what, code }, hint);
  }
}
