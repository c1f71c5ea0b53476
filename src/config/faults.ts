import { type ErrorCode, N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";
import type { SchemaFault } from "../schema/faults.js";
import { type Origin, originAt, partAt, type Tree } from "./tree.js";

/**
 * Throws the schema's faults as coded errors, each located at its value or key; for an absent path, at its
 * nearest ancestor.
 */
export function throwFaults(faults: readonly SchemaFault[], tree: Tree): void {
  if (faults.length === 0) return;
  const errors = faults.map((fault) => {
    const { path, keyword } = fault;
    const part = partAt(tree, path);
    const { message, hint } = asWritten(fault, part);
    const code = CODES[keyword] ?? "N2UQ_CONFIG_BAD_VALUE";
    const location = toLocation(originAt(tree, path), code !== "N2UQ_CONFIG_BAD_VALUE" || part === undefined);
    return new N2uqError(code, { message, path }, { hint, location });
  });
  throw new N2uqErrors(errors.sort(byPlace));
}

/** Origin → SourceLocation; undefined for schema defaults. */
export function toLocation(origin: Origin, atKey = false): SourceLocation | undefined {
  if (origin.file === undefined) return undefined;
  const { line, column, text } = (atKey ? origin.key : undefined) ?? origin;
  return { file: origin.file, line, column, text };
}

/** The fault's message, with the text in the file instead of the value that YAML parsed from it. */
function asWritten(fault: SchemaFault, part: Tree | undefined): Pick<SchemaFault, "message" | "hint"> {
  const { found, message, hint, path } = fault;
  if (found === undefined || part === undefined || !("scalar" in part)) return fault;
  const { written = "", scalar, origin } = part;
  const after = origin.text?.slice((origin.column ?? 1) - 1) ?? "";
  const comment = "A # begins a comment, so the value is empty: put it in quotes, or remove the key.";
  if (scalar === null && written === "" && after.trimStart().startsWith("#"))
    return { message, hint: comment };
  if (written === "") return fault;
  const reads = String(scalar) === written ? "" : `, which YAML reads as ${scalar}`;
  const foundMessage = message.replace(/[^;]*$/, ` found ${written}${found.wantsText ? reads : ""}`);
  if (!found.wantsText) return { message: foundMessage, hint };
  const key = path.findLast((step) => typeof step === "string");
  const value = typeof path.at(-1) === "number" ? `["${written}"]` : `"${written}"`;
  return { message: foundMessage, hint: `Put it in quotes: \`${key}: ${value}\`.` };
}

/** Error codes by the keyword of the schema; all other keywords are faults of a value. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  additionalProperties: "N2UQ_CONFIG_UNKNOWN_KEY",
  "false schema": "N2UQ_CONFIG_KEY_NOT_ALLOWED",
  required: "N2UQ_CONFIG_MISSING_KEY",
};

function byPlace(one: N2uqError, other: N2uqError): number {
  const [a, b] = [one.location, other.location];
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
