import { toldSystemError } from "../runners/systemErrors.js";
import { orElse } from "../src/attempt.js";
import { formatError } from "../src/config/format.js";
import { N2uqError, N2uqErrors } from "../src/errors.js";
import type { Output } from "./output.js";

/** An error as one JSON value. */
export function errorJson({ code, message, hint, location }: N2uqError): unknown {
  return { type: "error", code, message, hint: hint ?? null, location: location ?? null };
}

/**
 * Converts any error to a coded one: system errors to their own code, everything else to an internal error.
 */
export function codedError(error: unknown): N2uqError | N2uqErrors {
  if (error instanceof N2uqError || error instanceof N2uqErrors) return error;
  return (
    toldSystemError(error) ?? new N2uqError("N2UQ_INTERNAL", { message: String(error) }, { cause: error })
  );
}

/** Prints an error, without a stack trace unless N2UQ_DEBUG is set. @returns the exit code */
export function fail(error: unknown, output: Output): number {
  const known = codedError(error);
  const errors = known instanceof N2uqErrors ? known.errors : [known];
  if (output.mode === "json") for (const one of errors) output.json(errorJson(one));
  else output.error(formatError(known, { color: output.color, cwd: orElse(() => process.cwd(), "/") }));
  if (process.env.N2UQ_DEBUG !== undefined && error instanceof Error) output.error(error.stack ?? "");
  return known.exitCode;
}
