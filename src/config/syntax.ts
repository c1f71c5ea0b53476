import { CST, type YAMLError } from "yaml";
import type { N2uqErrors } from "../errors.js";
import { faultAt, type Source } from "./source.js";

/** Converts a YAML parser error to a coded error about the text. */
export function syntaxError(source: Source, fault: YAMLError, tokens: readonly CST.Token[]): N2uqErrors {
  const [offset] = fault.pos;
  switch (fault.code) {
    case "TAB_AS_INDENT":
      return faultAt(source, offset, "N2UQ_CONFIG_TAB", {});
    case "MULTIPLE_DOCS":
      return faultAt(source, offset, "N2UQ_CONFIG_DOCUMENTS", {});
    case "TAG_RESOLVE_FAILED": {
      const tag = source.text.slice(...fault.pos);
      const hint = tag.startsWith("!!") ? undefined : `If this is text, put it in quotes: "${tag}".`;
      return faultAt(source, offset, "N2UQ_CONFIG_TAG", { tag }, hint);
    }
    default:
      return notYaml(source, fault, tokens);
  }
}

function notYaml(source: Source, fault: YAMLError, tokens: readonly CST.Token[]): N2uqErrors {
  const [offset] = fault.pos;
  const explained = (reason: string, hint: string, at = offset) =>
    faultAt(source, at, "N2UQ_CONFIG_SYNTAX", { reason }, hint);
  if (/^Missing closing .quote/.test(fault.message))
    return explained("this quote is never closed", "Close it on the same line.", quoteBefore(tokens, offset));
  const [reason, hint] =
    faultOfLine(source, offset, fault) ??
    faultsByMessage.find(([pattern]) => pattern.test(fault.message))?.slice(1) ??
    commonFaults[fault.code] ??
    [];
  return typeof reason !== "string" || typeof hint !== "string"
    ? faultAt(source, offset, "N2UQ_CONFIG_SYNTAX", { reason: lowered(fault.message) })
    : explained(reason, hint);
}

/** Explains faults that can be recognized only from the surrounding lines. */
function faultOfLine(
  source: Source,
  offset: number,
  fault: YAMLError,
): readonly [reason: string, hint: string] | undefined {
  const { text, column } = source.positionOf(offset);
  const rest = text.slice(column - 1);
  const word = /^[^\s,[\]{}]+/.exec(rest)?.[0] ?? "";
  if (/^\s*\/\//.test(text)) return ["a comment cannot begin with //", "Begin comments with #."];
  if (/[[{,]\s*#/.test(text)) return ["a # begins a comment here", "Put text that begins with # in quotes."];
  if (fault.code === "BAD_SCALAR_START" && word !== "")
    return ["a value cannot begin with this character", `Put the value in quotes: "${word}".`];
  if (fault.code !== "BLOCK_AS_IMPLICIT_KEY") return undefined;
  const next = source.text.slice(offset).split("\n", 2)[1] ?? "";
  return indentOf(next) > indentOf(text) && /\S/.test(next)
    ? ["the next line is indented deeper, but this line already has a value", "Indent both lines equally."]
    : undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Start of the quoted scalar that extends to `end`. */
function quoteBefore(tokens: readonly CST.Token[], end: number): number {
  let start = end;
  for (const token of tokens) {
    if (token.type !== "document") continue;
    CST.visit(token, ({ key, value }) => {
      for (const scalar of [key, value]) {
        const quoted = scalar?.type === "double-quoted-scalar" || scalar?.type === "single-quoted-scalar";
        if (quoted && scalar.offset <= end) start = scalar.offset;
      }
    });
  }
  return start;
}

function lowered(message: string): string {
  const text = message.replace(/ in YAML stream/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const BRACKETS = 'Put text with [ ] { } or a comma in quotes, such as a glob: "layer[1-4].*".';

/** Parser errors that are identified by their message only. */
const faultsByMessage: readonly (readonly [pattern: RegExp, reason: string, hint: string])[] = [
  [/^Alias cannot be an empty/, "a * marks an alias", 'If this is a glob, put it in quotes: "*".'],
  [/^Unexpected .* at node end/, "there is text after the value on this line", BRACKETS],
  [/^Missing , /, "a comma between two entries is missing, or quotes around a text are missing", BRACKETS],
  [/^Unexpected , in flow/, "there is no entry before this comma", "Remove it."],
  [
    /^Flow (map|sequence)/,
    "a bracket before this position is not closed",
    "Close it with the matching ] or }.",
  ],
];

/** Explanations and hints for the parser's common error codes. */
const commonFaults: Partial<Record<string, readonly [reason: string, hint: string]>> = {
  BLOCK_IN_FLOW: [
    "there are two values where one is expected",
    "Separate entries in brackets by commas, and put text with a colon in quotes.",
  ],
  BAD_INDENT: [
    "this line is not indented like its neighbors",
    "Give all keys of a map the same indentation.",
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    "there is a second key on this line",
    "Put the inner map on separate lines or in { }, and put text with a colon in quotes.",
  ],
  MISSING_CHAR: ["this line has no `key: value`", "Write a colon and a space after the key."],
  MULTILINE_IMPLICIT_KEY: ["this line has no `key: value`", "Write a colon and a space after the key."],
  BAD_SCALAR_START: ["a value cannot begin with this character", "Put the value in quotes."],
  BAD_DQ_ESCAPE: [
    "unknown escape in double quotes",
    "Use single quotes: in them a backslash is an ordinary character.",
  ],
};
