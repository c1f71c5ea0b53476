import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { makeFolder } from "../folders.js";
import { describeHolder, type Holder, lockText, readLock, type Seen } from "./holder.js";
import { beatMs, heldHere, judge, UNWRITTEN_MS } from "./judge.js";
import { pause } from "./pause.js";

/** A lock that this process holds. */
export interface Held {
  readonly file: string;
  readonly holder: Holder & { readonly token: string };
}

/** The acquired lock, or the holder of the lock if another process holds it. */
export type Taken = { readonly held: Held } | { readonly by: Holder };

const LOOKS = 10;
const MOST_LOOK_MS = 250;
/** Errors of file systems without hard links. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Acquires a lock, or returns its holder. A hard link creates the file with its content, so it is never
 * empty. To replace the lock of a dead holder, a process first acquires a second lock, whose name contains
 * the key of the first. So only one process replaces the lock, and the lock of a live holder is never moved
 * or removed. @throws the system's error; `signal`'s reason
 */
export async function takeLock(file: string, signal?: AbortSignal): Promise<Taken> {
  const holder = describeHolder(beatMs());
  const own: Held = { file, holder };
  heldHere.add(holder.token);
  try {
    for (;;) {
      const createdMs = create(own);
      if (createdMs === null) return { held: own };
      const found = readLock(file);
      if (found === null) continue;
      const verdict = judge(found, holder, createdMs);
      if (verdict === "alive" && found.holder !== null) return refused(own, found.holder);
      if (
        verdict !== "alive" &&
        verdict !== "gone" &&
        !(await staysAs(file, found, verdict.watchMs, signal))
      ) {
        const now = readLock(file);
        if (now?.holder && now.key === found.key) return refused(own, now.holder);
        continue;
      }
      const outcome = await replace(own, found, signal);
      if (outcome === "held") return { held: own };
      if (outcome !== "changed") return refused(own, outcome);
    }
  } catch (error) {
    heldHere.delete(holder.token);
    throw error;
  }
}

/** Releases the lock if this process still holds it. */
export function releaseLock({ file, holder }: Held): void {
  if (isOwn({ file, holder })) rmSync(file, { force: true });
  heldHere.delete(holder.token);
}

/** Whether the file still contains this acquisition of the lock. @throws the system's error */
export function isOwn({ file, holder }: Held): boolean {
  return readLock(file)?.holder?.token === holder.token;
}

function refused({ holder }: Held, by: Holder): Taken {
  heldHere.delete(holder.token);
  return { by };
}

/** @returns null if this process now holds the lock; otherwise the file system's time */
function create(own: Held): number | null {
  const temporary = temporaryOf(own);
  for (let attempt = 0; ; attempt++) {
    try {
      const nowMs = write(temporary, own.holder);
      try {
        linkSync(temporary, own.file);
        return null;
      } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        if (code === "EEXIST") return nowMs;
        if (!NO_LINKS.has(code)) throw error;
        return createUnlinked(own) ? null : nowMs;
      } finally {
        rmSync(temporary, { force: true });
      }
    } catch (error) {
      // The folder does not exist yet, or was removed.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === LOOKS) throw error;
      makeFolder(dirname(own.file));
    }
  }
}

/**
 * Without hard links, the file is created empty and written afterwards. Other processes take over an empty
 * lock only after a time that is longer than its creator may need to write it.
 */
function createUnlinked(own: Held): boolean {
  const begunMs = performance.now();
  try {
    write(own.file, own.holder, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  if (performance.now() - begunMs < UNWRITTEN_MS / 2) return isOwn(own);
  if (isOwn(own)) rmSync(own.file, { force: true });
  return false;
}

/** @returns the file's date (the file system's time) */
function write(file: string, holder: Holder, flags = "w"): number {
  const handle = openSync(file, flags);
  try {
    writeSync(handle, lockText(holder));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return statSync(file).mtimeMs;
}

/** Whether a lock stays unchanged for `watchMs` milliseconds. */
async function staysAs(
  file: string,
  { key, text }: Seen,
  watchMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const begunMs = performance.now();
  while (performance.now() - begunMs < watchMs) {
    await pause(Math.min(MOST_LOOK_MS, watchMs / LOOKS), signal);
    const now = readLock(file);
    if (now === null || now.key !== key || now.text !== text) return false;
  }
  return true;
}

/** Replaces the lock of a dead holder, unless the lock has changed. */
async function replace(
  own: Held,
  { key }: Seen,
  signal: AbortSignal | undefined,
): Promise<"held" | "changed" | Holder> {
  const root = own.file.replace(/\.after-[0-9a-f]{16}$/, "");
  const claim = await takeLock(`${root}.after-${key}`, signal);
  if ("by" in claim) return claim.by;
  const temporary = temporaryOf(own);
  try {
    write(temporary, own.holder);
    // Both checks are last: this process may have been suspended, and may count as gone itself.
    if (readLock(own.file)?.key !== key || !isOwn(claim.held)) return "changed";
    renameSync(temporary, own.file);
    return "held";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "changed";
    throw error;
  } finally {
    rmSync(temporary, { force: true });
    releaseLock(claim.held);
  }
}

/**
 * The name matches `isTemporary`: the holder of a folder's lock removes the leftovers of killed processes.
 */
function temporaryOf({ file, holder }: Held): string {
  return `${file}.${process.pid}-${holder.token}.tmp`;
}
