import { CST, type YAMLError } from "yaml";
import type { N2uqErrors } from "../errors.js";
import { faultAt, type Source } from "./source.js";

/** The YAML parser's complaint as an error about what was written. */
export function syntaxError(source: Source, fault: YAMLError, tokens: readonly CST.Token[]): N2uqErrors {
  const [offset] = fault.pos;
  switch (fault.code) {
    case "TAB_AS_INDENT":
      return faultAt(source, offset, "N2UQ_CONFIG_TAB", {});
    case "MULTIPLE_DOCS":
      return faultAt(source, offset, "N2UQ_CONFIG_DOCUMENTS", {});
    case "TAG_RESOLVE_FAILED":
      return faultAt(source, offset, "N2UQ_CONFIG_TAG", { tag: source.text.slice(...fault.pos) });
    default:
      return notYaml(source, fault, tokens);
  }
}

function notYaml(source: Source, fault: YAMLError, tokens: readonly CST.Token[]): N2uqErrors {
  const [offset] = fault.pos;
  const told = (reason: string, hint: string, at = offset) =>
    faultAt(source, at, "N2UQ_CONFIG_SYNTAX", { reason }, hint);
  if (/^Missing closing .quote/.test(fault.message)) {
    return told("this quote is never closed", "Close it on the same line.", quoteBefore(tokens, offset));
  }
  if (/^Flow (map|sequence)/.test(fault.message)) {
    return told("a bracket before this place is not closed", "Close it with ] or }, as it was opened.");
  }
  const [reason, hint] = commonFaults[fault.code] ?? [];
  return reason === undefined || hint === undefined
    ? faultAt(source, offset, "N2UQ_CONFIG_SYNTAX", { reason: lowered(fault.message) })
    : told(reason, hint);
}

/** Where the quoted scalar opened that reaches up to `end`. */
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

/** What the parser's commoner codes mean to whoever wrote the line, and what to do. */
const commonFaults: Partial<Record<string, readonly [reason: string, hint: string]>> = {
  BAD_INDENT: ["this line is indented unlike its neighbours", "Give all keys of a map the same indentation."],
  BLOCK_AS_IMPLICIT_KEY: [
    "a second key stands on one line",
    "Put the inner map on lines of its own or in { }, and a text with a colon in quotes.",
  ],
  MISSING_CHAR: ["this line has no `key: value`", "Write a colon and a space after the key."],
  MULTILINE_IMPLICIT_KEY: ["this line has no `key: value`", "Write a colon and a space after the key."],
  BAD_SCALAR_START: ["a value cannot begin with this character", "Put the value in quotes."],
  BAD_DQ_ESCAPE: ["unknown escape in double quotes", "Use single quotes, where a backslash is just one."],
};
