import type { LineCounter } from "yaml";
import { type ErrorCode, N2uqError, N2uqErrors } from "../errors.js";
import type { Position } from "./tree.js";

/** A text that maps offsets to lines and columns. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly positionOf: (offset: number) => Position;
}

/** A source that uses the parser's line starts. */
export function sourceOf(file: string, text: string, lines: LineCounter): Source {
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    const start = lines.lineStarts[line - 1] ?? 0;
    const end = text.indexOf("\n", start);
    const whole = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
    return { line: Math.max(line, 1), column: Math.max(col, 1), text: whole };
  };
  return { file, text, positionOf };
}

/** Creates a coded error at an offset of a source. */
export function errorAt(
  source: Source,
  offset: number,
  code: ErrorCode,
  details: Record<string, unknown>,
  hint?: string,
): N2uqError {
  const location = { file: source.file, ...source.positionOf(offset) };
  return new N2uqError(code, details, { location, hint });
}

/** Like `errorAt`, to throw when the first error stops parsing. */
export function faultAt(...error: Parameters<typeof errorAt>): N2uqErrors {
  return new N2uqErrors([errorAt(...error)]);
}
