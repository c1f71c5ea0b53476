import { isAbsolute, relative } from "node:path";
import { type N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";

export interface FormatOptions {
  readonly color: boolean;
  /** Paths are shown relative to this folder. */
  readonly cwd: string;
}

/** ANSI codes; the caller decides whether to use them. */
const styles = { code: "31;1", place: "34", caret: "31", hint: "36" } as const;
type Style = keyof typeof styles;

/** Maximum number of characters shown of a line. */
const window = 100;

/**
 * Formats an error for the user: code and message, file:line:column, the line with a caret, and a hint.
 * Several errors are separated by an empty line. No stack trace, and no newline at the end.
 */
export function formatError(error: N2uqError | N2uqErrors, options: FormatOptions): string {
  const errors = error instanceof N2uqErrors ? error.errors : [error];
  return errors.map((one) => formatOne(one, options)).join("\n\n");
}

function formatOne(error: N2uqError, { color, cwd }: FormatOptions): string {
  const styled = (style: Style, text: string) => (color ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
  const lines = [`${styled("code", `error[${error.code}]`)}: ${printable(error.message)}`];
  if (error.location !== undefined) {
    lines.push(
      `  ${styled("place", "-->")} ${placeOf(error.location, cwd)}`,
      ...excerpt(error.location, styled),
    );
  }
  if (error.hint !== undefined && error.hint !== "")
    lines.push(`${styled("hint", "hint")}: ${printable(error.hint)}`);
  return lines.join("\n");
}

function placeOf({ file, line, column }: SourceLocation, cwd: string): string {
  const shown = isAbsolute(file) ? relative(cwd, file) || file : file;
  return line === undefined ? shown : `${shown}:${line}:${column ?? 1}`;
}

function excerpt({ text, line, column = 1 }: SourceLocation, styled: (style: Style, text: string) => string) {
  if (text === undefined || text.trim() === "") return [];
  const start = Math.max(0, column - 1 - window / 2);
  const part = printable(text.slice(start, start + window)).trimEnd();
  const number = line === undefined ? "" : String(line);
  const bar = (gutter: string) => styled("place", `  ${gutter.padStart(number.length)} |`);
  const caret = `${" ".repeat(column - 1 - start)}${styled("caret", "^")}`;
  return [`${bar(number)} ${part}`, `${bar("")} ${caret}`];
}

/**
 * Shows tabs as one space, so that the caret is aligned, and escapes other control characters and text
 * direction marks.
 */
function printable(text: string): string {
  return text
    .replaceAll("\t", " ")
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? " " : "\ufffd"));
}
