import { basename, join } from "node:path";
import type { DataFingerprint } from "../data/fingerprint.js";
import type { ContentKey, ResolvedExperiment } from "../resolve/types.js";
import { MOST_YAML, readRecord, readRunFile, readTextFile } from "./runFiles.js";

/** `identity.json` says which experiment a run directory belongs to. The directory's name is for people. */
export const IDENTITY = "identity.json";

/** A run's identity, and the inputs that explain a changed one. */
export interface RunIdentity {
  readonly format: 1;
  readonly name: string;
  /** sha256 of the recipe and of all inputs; the directory's name ends in its first eight digits. */
  readonly hash: string;
  /** sha256 of the recipe only; tables match by it. */
  readonly recipe: string;
  readonly content: ResolvedExperiment["content"];
  /** Absolute paths of the inputs; not part of the identity. */
  readonly places: Readonly<Partial<Record<ContentKey, string>>>;
  /** Only for images in files. */
  readonly data: DataFingerprint | null;
  /** Hashes of this run before `n2uq runs --rehash`; its checkpoints name them. */
  readonly formerly?: readonly string[];
}

/** The identity that a run directory records; null if it has none that is readable. */
export function readIdentity(directory: string): RunIdentity | null {
  const read = readRunFile(join(directory, IDENTITY), "identity");
  return read.state === "read" ? { places: {}, content: {}, data: null, ...read.value } : null;
}

/** The hash and recipe from whichever file of the directory has them: older runs have no identity.json. */
export function recordedHash(directory: string): { hash: string; recipe: string; name: string } | null {
  const identity = readIdentity(directory);
  if (identity !== null) return identity;
  return inResult(directory) ?? inYaml(directory);
}

function inResult(directory: string): { hash: string; recipe: string; name: string } | null {
  const read = readRecord(directory);
  if (read.state !== "read") return null;
  const { hash, recipe, name } = read.value;
  return { hash, recipe: recipe ?? hash, name };
}

/** `resolved.yaml` contains the hash in its head. */
function inYaml(directory: string): { hash: string; recipe: string; name: string } | null {
  const read = readTextFile(join(directory, "resolved.yaml"), MOST_YAML);
  if (read.state !== "read") return null;
  const hash = /^# hash ([0-9a-f]{64})$/m.exec(read.value)?.[1];
  const name = /^name: (.+)$/m.exec(read.value)?.[1] ?? basename(directory);
  return hash === undefined ? null : { hash, recipe: hash, name };
}
