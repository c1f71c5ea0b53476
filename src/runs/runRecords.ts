import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { foldersIn } from "../files/names.js";
import { checkRunFile } from "../schema/runFiles.js";
import type { RunRecord } from "./record.js";
import { RecordIndex, stampOf } from "./recordIndex.js";
import { FAILURE } from "./runDirectory.js";
import type { FileRead } from "./runFiles.js";
import { MOST_YAML, parseRunFile, RESULT, readRecord, readTextFile, restored } from "./runFiles.js";

export const RESOLVED = "resolved.yaml";

/** Minimum number of run directories for which an index is used. */
const INDEXED_FROM = 64;
const DEEPEST = 32;
/** Files of a run directory besides its result. */
const OF_A_RUN = [RESULT, RESOLVED, "identity.json", "lock", FAILURE, "checkpoints"];

/**
 * Whether a folder is a run directory, which its files decide: an empty folder `notes-deadbeef` is not one; a
 * renamed run directory is. A folder `x` with a result.json of another program is not one either.
 */
export function isRunDirectory(path: string): boolean {
  const has = (file: string) => existsSync(join(path, file));
  if (/-[0-9a-f]{8}$/.test(path)) return OF_A_RUN.some(has);
  return has(RESOLVED) || readRecord(path).state === "read";
}

/**
 * The run directory of a path: the path itself, or, for the path of a resolved.yaml, its folder. Null for any
 * other path.
 */
export function runAt(path: string): string | null {
  const directory = basename(path) === RESOLVED ? dirname(path) : path;
  return isRunDirectory(directory) ? directory : null;
}

/**
 * The results and experiments of a folder's runs. Reads each finished run once and caches it in an index
 * file.
 */
export class RunRecords {
  /** Absolute paths of the run directories, by name. */
  readonly directories: readonly string[];
  readonly #runs: string;
  readonly #index: RecordIndex | null;

  constructor(runs: string) {
    this.#runs = runs;
    this.directories = foldersIn(runs)
      .map((name) => join(runs, name))
      .filter(isRunDirectory);
    const isLarge = this.directories.length >= INDEXED_FROM;
    this.#index = isLarge ? new RecordIndex(runs) : null;
    this.#index?.keep(new Set(this.directories.map((directory) => basename(directory))));
  }

  /** `result.json` of a run directory, in this folder or elsewhere. */
  record(directory: string): FileRead<RunRecord> {
    const name = this.#nameHere(directory);
    if (name === null) return readRecord(directory);
    const stamp = stampOf(join(directory, RESULT));
    const known = this.#index?.get(name);
    if (stamp !== null && stamp !== "" && known?.result.stamp === stamp) {
      const read = parseRunFile(known.result.json, "result");
      if (read.state === "read") return { state: "read", value: restored(read.value) };
    }
    const read = readRecord(directory);
    const isSettled = stamp !== null && stamp !== "" && stampOf(join(directory, RESULT)) === stamp;
    if (read.state === "read" && isSettled)
      this.#index?.set(name, { result: { stamp, json: JSON.stringify(read.value) }, resolved: null });
    return read;
  }

  /** `resolved.yaml` of a run directory as plain JSON. */
  resolved(directory: string): FileRead<unknown> {
    const name = this.#nameHere(directory);
    const file = join(directory, RESOLVED);
    if (name === null) return readResolved(directory);
    const stamp = stampOf(file);
    const known = this.#index?.get(name);
    if (stamp !== null && stamp !== "" && known?.resolved?.stamp === stamp)
      return { state: "read", value: JSON.parse(known.resolved.json) as unknown };
    const read = readResolved(directory);
    const isSettled = stamp !== null && stamp !== "" && stampOf(file) === stamp;
    if (read.state === "read" && isSettled && known !== undefined)
      this.#index?.set(name, { result: known.result, resolved: { stamp, json: JSON.stringify(read.value) } });
    return read;
  }

  /** Saves the cache for the next reader. */
  save(): void {
    this.#index?.save();
  }

  #nameHere(directory: string): string | null {
    return this.#index !== null && dirname(directory) === this.#runs ? basename(directory) : null;
  }
}

/** `resolved.yaml` as plain JSON, with an experiment's sections. */
export function readResolved(directory: string): FileRead<unknown> {
  const read = readTextFile(join(directory, RESOLVED), MOST_YAML);
  if (read.state !== "read") return read;
  const parsed = parseYaml(read.value);
  if (parsed.state !== "read") return parsed;
  const checked = checkRunFile("resolved", parsed.value);
  return checked.ok ? { state: "read", value: checked.value } : { state: "damaged", reason: checked.fault };
}

/** Parses YAML to plain JSON; rejects deep nesting, because code that walks the tree is recursive. */
function parseYaml(text: string): FileRead<unknown> {
  try {
    const value = JSON.parse(JSON.stringify(parse(text, { logLevel: "error" }) ?? null)) as unknown;
    if (depthOf(value) <= DEEPEST) return { state: "read", value };
    return { state: "damaged", reason: `it is nested more than ${DEEPEST} levels deep` };
  } catch {
    return { state: "damaged", reason: "it is not YAML" };
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, one) => Math.max(deepest, depthOf(one)), 0);
}
