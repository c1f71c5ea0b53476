import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { orElse } from "../attempt.js";
import { checkRunFile, type RunFileKind, type RunFileKinds } from "../schema/runFiles.js";
import { type Analysis, MEASURED, type Restored, type RunRecord, type StartRecord } from "./record.js";

/**
 * The result of reading a small file. Damage is reported as a value, not thrown, so that one damaged file
 * does not prevent reading others.
 */
export type FileRead<Value> =
  | { readonly state: "absent" }
  | { readonly state: "damaged"; readonly reason: string }
  | { readonly state: "read"; readonly value: Value };

export const RESULT = "result.json";
export const ANALYSIS = "analysis.json";
export const START_RECORD = "start.json";
export const SOURCES = "sources.json";

/** Maximum size of such a file, far above its usual size; a larger file is not read into memory. */
const MOST_BYTES = 64 * 2 ** 20;
/** The limit for a resolved experiment. */
export const MOST_YAML = 2 ** 20;

/** The text of a regular file of at most `most` bytes. */
export function readTextFile(file: string, most = MOST_BYTES): FileRead<string> {
  try {
    const stats = statSync(file);
    // Opening a named pipe would wait for a writer.
    if (!stats.isFile()) return { state: "damaged", reason: "it is not a regular file" };
    if (stats.size > most) return { state: "damaged", reason: `it is larger than ${most} bytes` };
    return { state: "read", value: readFileSync(file, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENAMETOOLONG: a file with such a name cannot exist.
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(code ?? "")) return { state: "absent" };
    return { state: "damaged", reason: `it can't be read: ${code ?? (error as Error).message}` };
  }
}

/** A JSON file of a run, checked against its schema. */
export function readRunFile<Kind extends RunFileKind>(
  file: string,
  kind: Kind,
): FileRead<RunFileKinds[Kind]> {
  const read = readTextFile(file);
  return read.state === "read" ? parseRunFile(read.value, kind) : read;
}

/** Parses and checks a text that was read before. */
export function parseRunFile<Kind extends RunFileKind>(
  text: string,
  kind: Kind,
): FileRead<RunFileKinds[Kind]> {
  const parsed = parseJson(text);
  if (parsed.state !== "read") return parsed;
  const checked = checkRunFile(kind, parsed.value);
  return checked.ok ? { state: "read", value: checked.value } : { state: "damaged", reason: checked.fault };
}

function parseJson(text: string): FileRead<unknown> {
  const value = orElse(() => JSON.parse(text) as unknown, undefined);
  if (value !== undefined) return { state: "read", value };
  return { state: "damaged", reason: text.trim() === "" ? "it is empty" : "it is not JSON" };
}

/** `result.json` of a run directory. Losses that JSON stores as null become NaN. */
export function readRecord(directory: string): FileRead<RunRecord> {
  const read = readRunFile(join(directory, RESULT), "result");
  return read.state === "read" ? { state: "read", value: restored(read.value) } : read;
}

/** The values of a file with NaN where JSON stored null for a number that it cannot represent. */
export function restored<Value>(value: Value): Restored<Value> {
  return withNumbers(value, false) as Restored<Value>;
}

function withNumbers(value: unknown, isMeasured: boolean): unknown {
  if (value === null) return isMeasured ? Number.NaN : null;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((one) => withNumbers(one, isMeasured));
  const entries = Object.entries(value).map(([key, one]) => {
    return [key, withNumbers(one, isMeasured || MEASURED.some((name) => name === key))] as const;
  });
  return Object.fromEntries(entries);
}

/** The analysis if its lists contain only numbers; null for a diverged run, in which some are not numbers. */
export function analysisOf(analysis: RunFileKinds["analysis"]): Analysis | null {
  const found = restored(analysis);
  return hasNaN([found.weights, found.activations]) ? null : found;
}

/** The initial threshold curves, without those that contain a non-number. */
export function startOf(record: RunFileKinds["startRecord"]): StartRecord {
  const { staircases, ...rest } = restored(record);
  const intact = Object.entries(staircases).filter(([, curve]) => !hasNaN(curve));
  return { ...rest, staircases: Object.fromEntries(intact) };
}

function hasNaN(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasNaN);
  return Number.isNaN(value);
}
