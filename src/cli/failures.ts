import { formatError } from "../config/format.js";
import { N2uqError, N2uqErrors } from "../errors.js";
import type { Output } from "./output.js";

/** An error as one JSON value. */
export function errorJson({ code, message, hint, location }: N2uqError): unknown {
  return { type: "error", code, message, hint: hint ?? null, location: location ?? null };
}

/**
 * Tells the user what went wrong, never with a stack trace unless N2UQ_DEBUG is set.
 * @returns the exit code
 */
export function fail(error: unknown, output: Output): number {
  const told =
    error instanceof N2uqError || error instanceof N2uqErrors
      ? error
      : new N2uqError("N2UQ_INTERNAL", { message: String(error) }, { cause: error });
  const errors = told instanceof N2uqErrors ? told.errors : [told];
  if (output.mode === "json") for (const one of errors) output.json(errorJson(one));
  else output.error(formatError(told, { color: output.color, cwd: process.cwd() }));
  if (process.env.N2UQ_DEBUG !== undefined && error instanceof Error) output.error(error.stack ?? "");
  return told.exitCode;
}
