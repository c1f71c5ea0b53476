import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from "yaml";
import { type ErrorCode, N2uqError, N2uqErrors } from "../errors.js";
import type { Position } from "./tree.js";

/** Levels of nesting that a file may have. An experiment has about six. */
export const deepest = 64;

/** A text, and its offsets as lines and columns. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly positionOf: (offset: number) => Position;
}

/** A parsed document that has no syntax error. Duplicate keys and aliases are still to be judged. */
export interface Parsed {
  readonly source: Source;
  readonly document: Document.Parsed;
}

/**
 * Parses one YAML 1.2 document. Nesting is bounded while tokens come in, before anything recurses over them.
 * Throws N2UQ_CONFIG_SYNTAX, _TAB, _DOCUMENTS, _TAG, _DEPTH.
 */
export function parseDocument(file: string, text: string): Parsed {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const source = sourceOf(file, text, lines);
  const tokens = [];
  parser.next("").next();
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > 2 * deepest) {
      throw faultAt(source, parser.offset, "N2UQ_CONFIG_DEPTH", { deepest });
    }
  }
  tokens.push(...parser.end());
  const options = { version: "1.2", uniqueKeys: false, prettyErrors: false, merge: false } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  const [document, second] = documents;
  const fault = document?.errors[0] ?? document?.warnings[0];
  if (fault !== undefined) throw syntaxError(source, fault);
  if (second !== undefined) {
    throw faultAt(source, second.range[0], "N2UQ_CONFIG_DOCUMENTS", {});
  }
  if (document === undefined) throw new Error("the parser gave no document");
  return { source, document };
}

/** An error of a code, at an offset of a source. */
export function faultAt(
  source: Source,
  offset: number,
  code: ErrorCode,
  details: Record<string, unknown>,
  hint?: string,
): N2uqErrors {
  return new N2uqErrors([errorAt(source, offset, code, details, hint)]);
}

/** As `faultAt`, for gathering several. */
export function errorAt(
  source: Source,
  offset: number,
  code: ErrorCode,
  details: Record<string, unknown>,
  hint?: string,
): N2uqError {
  const location = { file: source.file, ...source.positionOf(offset) };
  return new N2uqError(code, details, hint === undefined ? { location } : { location, hint });
}

function sourceOf(file: string, text: string, lines: LineCounter): Source {
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    const start = lines.lineStarts[line - 1] ?? 0;
    const end = text.indexOf("\n", start);
    const whole = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
    return { line: Math.max(line, 1), column: Math.max(col, 1), text: whole };
  };
  return { file, text, positionOf };
}

function syntaxError(source: Source, fault: YAMLError): N2uqErrors {
  const [offset] = fault.pos;
  switch (fault.code) {
    case "TAB_AS_INDENT":
      return faultAt(source, offset, "N2UQ_CONFIG_TAB", {});
    case "MULTIPLE_DOCS":
      return faultAt(source, offset, "N2UQ_CONFIG_DOCUMENTS", {});
    case "TAG_RESOLVE_FAILED":
      return faultAt(source, offset, "N2UQ_CONFIG_TAG", { tag: source.text.slice(...fault.pos) });
    default:
      return faultAt(
        source,
        offset,
        "N2UQ_CONFIG_SYNTAX",
        { reason: reasonOf(fault) },
        syntaxHints[fault.code],
      );
  }
}

function reasonOf(fault: YAMLError): string {
  const text = fault.message.replace(/ in YAML stream/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const syntaxHints: Partial<Record<string, string>> = {
  BAD_INDENT: "Give all keys of a map the same indentation, and close every bracket.",
  BLOCK_AS_IMPLICIT_KEY:
    "One line holds one `key: value`; put a value with a colon in quotes, and a map on lines of its own.",
  MISSING_CHAR: "Write `key: value` with a space after the colon, and close every quote.",
  MULTILINE_IMPLICIT_KEY: "Write `key: value`, with a colon and a space after the key.",
  BAD_SCALAR_START: "Put the value in quotes.",
  BAD_DQ_ESCAPE: "Use single quotes, in which a backslash is only a backslash.",
};
