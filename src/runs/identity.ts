import { basename, join } from "node:path";
import type { DataFingerprint } from "../data/fingerprint.js";
import type { ContentKey, ResolvedExperiment } from "../resolve/types.js";
import { MOST_YAML, readRecord, readRunFile, readTextFile } from "./runFiles.js";

/** Which experiment a run directory belongs to: `identity.json`. The directory's name is for people. */
export const IDENTITY = "identity.json";

/** What a run is told from others by, and what changed inputs are explained with. */
export interface RunIdentity {
  readonly format: 1;
  readonly name: string;
  /** sha256 of the recipe and of what is read; the directory's name ends in its first eight digits. */
  readonly hash: string;
  /** sha256 of the recipe alone; tables match by it. */
  readonly recipe: string;
  readonly content: ResolvedExperiment["content"];
  /** Where the inputs lay, absolute; nothing is told apart by it. */
  readonly places: Readonly<Partial<Record<ContentKey, string>>>;
  /** Of images in files. */
  readonly data: DataFingerprint | null;
  /** Hashes that this run had before `n2uq runs --rehash`; its checkpoints name them. */
  readonly formerly?: readonly string[];
}

/** What a run directory says of itself; null where it says nothing that can be read. */
export function readIdentity(directory: string): RunIdentity | null {
  const read = readRunFile(join(directory, IDENTITY), "identity");
  return read.state === "read" ? { places: {}, content: {}, data: null, ...read.value } : null;
}

/** The hash and recipe that a directory's files say, whichever of them is there: runs of older versions lack the first. */
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

/** `resolved.yaml` names the hash in its head. */
function inYaml(directory: string): { hash: string; recipe: string; name: string } | null {
  const read = readTextFile(join(directory, "resolved.yaml"), MOST_YAML);
  if (read.state !== "read") return null;
  const hash = /^# hash ([0-9a-f]{64})$/m.exec(read.value)?.[1];
  const name = /^name: (.+)$/m.exec(read.value)?.[1] ?? basename(directory);
  return hash === undefined ? null : { hash, recipe: hash, name };
}
