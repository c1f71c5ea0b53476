import { createHash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { orElse } from "../attempt.js";

/** Progress of the holder of a run, visible to other processes. */
export interface LockProgress {
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly secondsLeft: number;
}

/** The content of a lock file: its holder and the last heartbeat. */
export interface Holder {
  /** Unique to this acquisition of the lock. Null in locks of older versions. */
  readonly token: string | null;
  readonly pid: number;
  readonly host: string;
  /**
   * Start time of the process in clock ticks; distinguishes it from a later process with the same PID. Null
   * if unknown.
   */
  readonly began: string | null;
  /** Boot id and PID namespace (each container has a separate one). Null if unknown. */
  readonly boot: string | null;
  readonly space: string | null;
  /** Milliseconds between two heartbeats. */
  readonly every: number;
  /**
   * ISO time of the last heartbeat, for people to read. It is never compared, because two machines' clocks
   * may differ.
   */
  readonly beat: string;
  readonly beats: number;
  readonly progress: LockProgress | null;
}

/** A lock file and its content. */
export interface Seen {
  readonly text: string;
  /** Null if the file contains no lock: it was truncated or damaged. */
  readonly holder: Holder | null;
  /** Unique to this acquisition of the lock. */
  readonly key: string;
  readonly modifiedMs: number;
}

/** Locks are written in place with a fixed length, so that the end of an older text never remains. */
const LENGTH = 1024;
const READINGS = 3;

export function describeHolder(every: number): Holder & { readonly token: string } {
  return {
    token: randomBytes(8).toString("hex"),
    pid: process.pid,
    host: hostname(),
    began: beginningOf(process.pid) ?? null,
    boot: contentOf("/proc/sys/kernel/random/boot_id"),
    space: orElse(() => readlinkSync("/proc/self/ns/pid"), null),
    every,
    beat: new Date().toISOString(),
    beats: 0,
    progress: null,
  };
}

export function lockText(holder: Holder): string {
  return `${JSON.stringify(holder).padEnd(LENGTH - 1)}\n`;
}

/** Reads a lock file; null if there is none. @throws the system's error if it cannot be read */
export function readLock(file: string): Seen | null {
  let seen: Seen | null = null;
  // A reader may see a partial write.
  for (let reading = 0; reading < READINGS && (seen?.holder ?? null) === null; reading++) {
    let handle: number;
    try {
      handle = openSync(file, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
    try {
      seen = readHandle(handle);
    } finally {
      closeSync(handle);
    }
  }
  return seen;
}

/** Reads an open lock file. */
export function readHandle(handle: number): Seen {
  const stat = fstatSync(handle);
  const { ino, mtimeMs } = stat;
  const text = stat.isDirectory() ? "" : readFileSync(handle, "utf8");
  const holder = parseHolder(text);
  const unnamed = () => createHash("sha256").update(`${ino} ${mtimeMs} ${text}`).digest("hex").slice(0, 16);
  return { text, holder, key: holder?.token ?? unnamed(), modifiedMs: mtimeMs };
}

/** Parses a lock; damaged fields count as absent. Null without a valid PID and host. */
function parseHolder(text: string): Holder | null {
  const found: Record<string, unknown> = orElse(() => Object(JSON.parse(text)), {});
  const { pid, host, every, beats, progress } = found;
  if (!Number.isSafeInteger(pid) || Number(pid) <= 0 || typeof host !== "string") return null;
  const word = (name: string) => (typeof found[name] === "string" ? String(found[name]) : null);
  const token = word("token");
  return {
    token: token !== null && /^[0-9a-f]{16}$/.test(token) ? token : null,
    pid: Number(pid),
    host,
    began: word("began"),
    boot: word("boot"),
    space: word("space"),
    every: isNumber(every) && every > 0 ? every : 0,
    beat: word("beat") ?? new Date(0).toISOString(),
    beats: isNumber(beats) ? beats : 0,
    progress: parseProgress(progress),
  };
}

function parseProgress(value: unknown): LockProgress | null {
  const { step, totalSteps, loss, secondsLeft } = Object(value) as Record<string, unknown>;
  if (!isNumber(step) || !isNumber(totalSteps) || !isNumber(secondsLeft)) return null;
  return { step, totalSteps, loss: isNumber(loss) ? loss : Number.NaN, secondsLeft };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/**
 * Start time of a process: field 22 of /proc/<pid>/stat, in clock ticks since boot. Null for a process that
 * has exited (also for a zombie); undefined if the system does not report start times.
 */
export function beginningOf(pid: number): string | null | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  if (stat === null) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : fields[19];
}

function contentOf(file: string): string | null {
  return orElse(() => readFileSync(file, "utf8").trim(), null);
}
