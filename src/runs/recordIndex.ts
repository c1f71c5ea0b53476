import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runRoot } from "../schema/published.js";

/** What was read from a file, and which file that was. */
export interface Part {
  /** As `stampOf` made it; empty for a file that was not there. */
  readonly stamp: string;
  /** JSON on one line. */
  readonly json: string;
}

/** What is known of a run directory. */
export interface Entry {
  readonly result: Part;
  /** Null until somebody asked for it. */
  readonly resolved: Part | null;
}

export const INDEX = ".n2uq-index";
const HEAD = `n2uq-index 1 ${digest(JSON.stringify(runRoot))}`;
/** A larger file is no index of ours, or too large to be of use. */
const MOST_BYTES = 400 * 2 ** 20;
/** What changed less than this before it was read may change again and keep its dates, as coarse as file systems take them. */
const SETTLED_NS = 2_000_000_000n;

/**
 * Which file lies at a path: another one, or a change of it, has another stamp. Null for one that changed just now, whose stamp
 * could not tell the next change; empty where there is none.
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
 * A file beside run directories with what was read from them, a line for each, the last line of a directory valid. Every line has
 * a checksum; what is damaged is left out and the file is replaced. Lines are appended by one write, the whole is replaced by a
 * rename, so several processes at once lose at most a line that is then read again.
 */
export class RecordIndex {
  readonly #file: string;
  readonly #lines = new Map<string, string>();
  readonly #added = new Map<string, Entry>();
  #stale = 0;
  #damaged = false;
  /** Whether there is a file of ours. */
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

  /** Drops what is known of directories that are not among `names`. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#lines.keys()) {
      if (names.has(name)) continue;
      this.#lines.delete(name);
      this.#stale += 1;
    }
  }

  /** Writes what is new; a folder that can't be written, or a full disk, changes nothing but the time that the next reader takes. */
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

/** Checksum, name, and stamp and content of the two files; JSON has no tab. */
function lineOf(name: string, { result, resolved }: Entry): string {
  const { stamp = "", json = "" } = resolved ?? {};
  const rest = [encodeURIComponent(name), result.stamp, result.json, stamp, json].join("\t");
  return `${digest(rest)}\t${rest}\n`;
}

function nameOf(line: string): string | null {
  const [, name] = line.split("\t", 2);
  try {
    return name === undefined || name === "" ? null : decodeURIComponent(name);
  } catch {
    return null;
  }
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
