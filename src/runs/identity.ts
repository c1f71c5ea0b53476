import { basename, join } from "node:path";
import type * as file from "../schema/generated/run.js";
import type { Restored } from "./record.js";
import { MOST_YAML, readRecord, readRunFile, readTextFile } from "./runFiles.js";

/**
 * `identity.json` says which experiment a run directory belongs to; the directory's name does not decide it.
 */
export const IDENTITY = "identity.json";

/** A run's identity, and facts about its inputs that explain why an identity has changed. */
export type RunIdentity = Restored<
  Required<Omit<file.Identity, "formerly">> & Pick<file.Identity, "formerly">
>;

/** The identity that a run directory records; null if it has no readable identity. */
export function readIdentity(directory: string): RunIdentity | null {
  const read = readRunFile(join(directory, IDENTITY), "identity");
  return read.state === "read" ? { places: {}, content: {}, data: null, ...read.value } : null;
}

type RecordedHash = Pick<RunIdentity, "hash" | "recipe" | "name">;

/** The hash, recipe and name, from identity.json or, for older runs, from another file of the directory. */
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
