import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { DataFingerprint } from "../data/fingerprint.js";
import type { ContentKey, ResolvedExperiment } from "../resolve/types.js";

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
  try {
    const found = JSON.parse(readFileSync(join(directory, IDENTITY), "utf8")) as Partial<RunIdentity> | null;
    const isWhole = typeof found?.hash === "string" && typeof found.recipe === "string" && found.format === 1;
    if (!isWhole || !isHashes(found.formerly)) return null;
    return { places: {}, content: {}, data: null, ...found } as RunIdentity;
  } catch {
    return null;
  }
}

function isHashes(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}

/** The hash and recipe that a directory's files say, whichever of them is there: runs of older versions lack the first. */
export function recordedHash(directory: string): { hash: string; recipe: string; name: string } | null {
  const identity = readIdentity(directory);
  if (identity !== null) return identity;
  return inResult(directory) ?? inYaml(directory);
}

function inResult(directory: string): { hash: string; recipe: string; name: string } | null {
  try {
    const { hash, recipe, name } = JSON.parse(readFileSync(join(directory, "result.json"), "utf8")) as {
      hash?: unknown;
      recipe?: unknown;
      name?: unknown;
    };
    if (typeof hash !== "string") return null;
    return {
      hash,
      recipe: typeof recipe === "string" ? recipe : hash,
      name: String(name ?? basename(directory)),
    };
  } catch {
    return null;
  }
}

/** `resolved.yaml` names the hash in its head. */
function inYaml(directory: string): { hash: string; recipe: string; name: string } | null {
  try {
    const text = readFileSync(join(directory, "resolved.yaml"), "utf8");
    const hash = /^# hash ([0-9a-f]{64})$/m.exec(text)?.[1];
    const name = /^name: (.+)$/m.exec(text)?.[1] ?? basename(directory);
    return hash === undefined ? null : { hash, recipe: hash, name };
  } catch {
    return null;
  }
}
