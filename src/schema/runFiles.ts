import type { ErrorObject, ValidateFunction } from "ajv";
import { typesOf } from "./allowed.js";
import { type SchemaSource, validatorOf } from "./compile.js";
import type * as file from "./generated/run.js";
import { formatPath } from "./paths.js";
import { runRoot } from "./published.js";
import type { Schema } from "./schema.js";

/** The types of the files of a run, by the names of their definitions in the schema. */
export interface RunFileKinds {
  readonly analysis: file.Analysis;
  readonly failure: file.Failure;
  readonly identity: file.Identity;
  readonly jobBook: file.JobBook;
  readonly ledger: file.Ledger;
  readonly lock: file.Lock;
  readonly metricsEpoch: file.MetricsEpoch;
  readonly metricsStep: file.MetricsStep;
  readonly progress: file.Progress;
  readonly resolved: file.Resolved;
  readonly result: file.Result;
  readonly searchRecord: file.SearchRecord;
  readonly sources: file.Sources;
  readonly startRecord: file.StartRecord;
}

export type RunFileKind = keyof RunFileKinds;

/** A valid value, or the first reason why it is invalid. */
export type Checked<Kind extends RunFileKind> =
  | { readonly ok: true; readonly value: RunFileKinds[Kind] }
  | { readonly ok: false; readonly fault: string };

/** Maximum length of a value in a message, in characters. */
const LONGEST = 40;
const ROOT = "run.schema.json";
const compiled = new Map<RunFileKind, ValidateFunction>();

/** Checks the content of a run's file against `schemas/run.schema.json`. */
export function checkRunFile<Kind extends RunFileKind>(kind: Kind, value: unknown): Checked<Kind> {
  const other = otherFormat(kind, value);
  if (other !== null) return { ok: false, fault: other };
  const validate = checkOf(kind);
  if (validate(value)) return { ok: true, value: value as RunFileKinds[Kind] };
  const [error] = validate.errors ?? [];
  return { ok: false, fault: error === undefined ? "it does not follow its schema" : faultText(error) };
}

/** The message for a file of another version, or null; for such a file, missing keys are not reported. */
function otherFormat(kind: RunFileKind, value: unknown): string | null {
  const known = runRoot.definitions?.[kind]?.properties?.format;
  if (typeof value !== "object" || value === null || !("format" in value) || !known) return null;
  const { format } = value;
  return typeof format !== "number" || format === known.const
    ? null
    : `its format is ${format}; this version reads ${String(known.const)}`;
}

const options = { verbose: true, strict: true, strictTypes: false };

/** The schema of a kind of file, for its validator. */
export function runFileSource(kind: RunFileKind): SchemaSource {
  return { schema: { $ref: `${ROOT}#/definitions/${kind}` }, others: [runRoot], options, words: [] };
}

function checkOf(kind: RunFileKind): ValidateFunction {
  const validate = compiled.get(kind) ?? validatorOf(kind, runFileSource(kind));
  compiled.set(kind, validate);
  return validate;
}

/** A message such as `totals.bitOps must be a number; found "x"`. */
function faultText({ keyword, instancePath, params, parentSchema, data, message }: ErrorObject): string {
  const path = pathOf(instancePath);
  if (keyword === "required") return `${formatPath([...path, String(params.missingProperty)])} is missing`;
  const isRoot = path.length === 0;
  const place = isRoot ? "it" : formatPath(path);
  const types = typesOf(parentSchema as Schema).map((type) => WORDS[type] ?? type);
  const allowed = keyword === "type" ? `must be ${types.join(" or ")}` : message;
  return `${place} ${allowed}; found ${found(data)}`;
}

const WORDS: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
};

/** A short text for a value of any size. */
function found(data: unknown): string {
  if (Array.isArray(data)) return "a list";
  if (typeof data === "object" && data !== null) return "a map";
  const text = JSON.stringify(data) ?? "nothing";
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** A JSON pointer as a path; keys of digits are list indices. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
