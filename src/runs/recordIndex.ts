import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { orElse } from "../attempt.js";
import { runRoot } from "../schema/published.js";

/** Content read from a file, with the file's stamp. */
export interface Part {
  /** The result of `stampOf`; empty for a missing file. */
  readonly stamp: string;
  /** JSON on one line. */
  readonly json: string;
}

/** Cached content of a run directory. */
export interface Entry {
  readonly result: Part;
  /** Null until it is requested. */
  readonly resolved: Part | null;
}

export const INDEX = ".n2uq-index";
const HEAD = `n2uq-index 1 ${digest(JSON.stringify(runRoot))}`;
/** Maximum size; a larger file is not an index of n2uq, or too large to be useful. */
const MOST_BYTES = 400 * 2 ** 20;
/**
 * A file that changed less than this before it was read may change again without a new date, because dates
 * are coarse.
 */
const SETTLED_NS = 2_000_000_000n;

/**
 * Identifies the content of a file: a changed or replaced file has another stamp. Null if the file changed so
 * recently that the next change might have the same stamp; empty if there is no file.
 */
export function stampOf(file: string): string | null {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return "";
  const { ino, size, mtimeNs, ctimeNs } = stats;
  const now = BigInt(Date.now()) * 1_000_000n;
  if (ctimeNs > now - SETTLED_NS || mtimeNs > now - SETTLED_NS) return null;
  return [ino, size, mtimeNs, ctimeNs].map((one) => one.toString(36)).join(":");
}

/**
 * An index file next to run directories, with lines for directories; the last line of a directory is valid.
 * Every line has a checksum; damaged lines are skipped and the file is rewritten. Lines are appended by one
 * write, and a rewritten file is renamed into place, so concurrent processes lose at most some lines, whose
 * directories are then read again.
 */
export class RecordIndex {
  readonly #file: string;
  readonly #lines = new Map<string, string>();
  readonly #added = new Map<string, Entry>();
  #stale = 0;
  #damaged = false;
  /** Whether there is an index file of n2uq. */
  readonly there: boolean;

  constructor(runs: string) {
    this.#file = join(runs, INDEX);
    const text = this.#read();
    this.there = text !== null;
    const lines = (text ?? "").split("\n");
    if (lines.pop() !== "" || lines.shift() !== HEAD) {
      this.#damaged = true;
      return;
    }
    for (const line of lines) this.#take(line);
  }

  get(name: string): Entry | undefined {
    const added = this.#added.get(name);
    if (added !== undefined) return added;
    const line = this.#lines.get(name);
    if (line === undefined) return undefined;
    const entry = entryOf(line);
    if (entry !== undefined) return entry;
    this.#lines.delete(name);
    this.#damaged = true;
    return undefined;
  }

  set(name: string, entry: Entry): void {
    this.#added.set(name, entry);
  }

  /** Drops directories that are not in `names`. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#lines.keys()) {
      if (names.has(name)) continue;
      this.#lines.delete(name);
      this.#stale += 1;
    }
  }

  /**
   * Writes new entries. If the folder is not writable or the disk is full, only the next reader is slower.
   */
  save(): void {
    const added = [...this.#added].map(([name, entry]) => lineOf(name, entry));
    const replaced = [...this.#added.keys()].filter((name) => this.#lines.has(name)).length;
    const isWasteful = this.#stale + replaced > this.#lines.size / 2;
    if (added.length === 0 && !(isWasteful && this.#stale > 0) && !(this.#damaged && this.there)) return;
    try {
      if (!this.#damaged && !isWasteful) appendFileSync(this.#file, added.join(""));
      else this.#replace(added);
    } catch {
      return;
    }
  }

  #replace(added: readonly string[]): void {
    const kept = [...this.#lines].filter(
      ([name, line]) => !this.#added.has(name) && entryOf(line) !== undefined,
    );
    const temporary = `${this.#file}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      writeFileSync(temporary, `${HEAD}\n${kept.map(([, line]) => `${line}\n`).join("")}${added.join("")}`);
      renameSync(temporary, this.#file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #read(): string | null {
    try {
      const stats = statSync(this.#file);
      return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(this.#file, "utf8") : null;
    } catch {
      return null;
    }
  }

  #take(line: string): void {
    const name = nameOf(line);
    if (name === null) this.#damaged = true;
    else {
      if (this.#lines.has(name)) this.#stale += 1;
      this.#lines.set(name, line);
    }
  }
}

/** Checksum, name, and stamp and JSON of both files, separated by tabs, which JSON does not contain. */
function lineOf(name: string, { result, resolved }: Entry): string {
  const { stamp = "", json = "" } = resolved ?? {};
  const rest = [encodeURIComponent(name), result.stamp, result.json, stamp, json].join("\t");
  return `${digest(rest)}\t${rest}\n`;
}

function nameOf(line: string): string | null {
  const [, name] = line.split("\t", 2);
  return orElse(() => (name === undefined || name === "" ? null : decodeURIComponent(name)), null);
}

function entryOf(line: string): Entry | undefined {
  const end = line.indexOf("\t");
  const rest = line.slice(end + 1);
  if (digest(rest) !== line.slice(0, end)) return undefined;
  const [, stamp = "", json = "", resolvedStamp = "", resolvedJson = ""] = rest.split("\t");
  const resolved = resolvedJson === "" ? null : { stamp: resolvedStamp, json: resolvedJson };
  return { result: { stamp, json }, resolved };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
