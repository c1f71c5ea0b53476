import { basename, join } from "node:path";
import type * as file from "../schema/generated/run.js";
import type { Restored } from "./record.js";
import { MOST_YAML, readRecord, readRunFile, readTextFile } from "./runFiles.js";

/** `identity.json` says which experiment a run directory belongs to. The directory's name is for people. */
export const IDENTITY = "identity.json";

/** A run's identity, and the inputs that explain a changed one. */
export type RunIdentity = Restored<
  Required<Omit<file.Identity, "formerly">> & Pick<file.Identity, "formerly">
>;

/** The identity that a run directory records; null if it has none that is readable. */
export function readIdentity(directory: string): RunIdentity | null {
  const read = readRunFile(join(directory, IDENTITY), "identity");
  return read.state === "read" ? { places: {}, content: {}, data: null, ...read.value } : null;
}

type RecordedHash = Pick<RunIdentity, "hash" | "recipe" | "name">;

/** The hash and recipe from whichever file of the directory has them: older runs have no identity.json. */
export function recordedHash(directory: string): RecordedHash | null {
  const identity = readIdentity(directory);
  if (identity !== null) return identity;
  return inResult(directory) ?? inYaml(directory);
}

function inResult(directory: string): RecordedHash | null {
  const read = readRecord(directory);
  if (read.state !== "read") return null;
  const { hash, recipe, name } = read.value;
  return { hash, recipe: recipe ?? hash, name };
}

/** `resolved.yaml` contains the hash in its head. */
function inYaml(directory: string): RecordedHash | null {
  const read = readTextFile(join(directory, "resolved.yaml"), MOST_YAML);
  if (read.state !== "read") return null;
  const hash = /^# hash ([0-9a-f]{64})$/m.exec(read.value)?.[1];
  const name = /^name: (.+)$/m.exec(read.value)?.[1] ?? basename(directory);
  return hash === undefined ? null : { hash, recipe: hash, name };
}
