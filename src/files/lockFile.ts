import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { makeFolder } from "../folders.js";
import type { Holder, Seen } from "./holder.js";
import { describeHolder, lockText, readLock } from "./holder.js";
import { beatMs, heldHere, judge, UNWRITTEN_MS } from "./judge.js";
import { pause } from "./pause.js";

/** A lock that this process holds. */
export interface Held {
  readonly file: string;
  readonly holder: Holder & { readonly token: string };
}

/** Whose lock it is. */
export type Taken = { readonly held: Held } | { readonly by: Holder };

const LOOKS = 10;
const MOST_LOOK_MS = 250;
/** What a file system without hard links answers. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Takes a lock, or says who has it. The file appears with its content, by a hard link, so it is never found empty. Where its
 * holder is gone, the right to replace the file is a lock of its own, named after the lock that was found: of several that
 * find it one replaces it, and a lock whose holder lives is never moved or removed.
 * @throws the system's error; `signal`'s reason
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

/** Gives back what is still one's own. */
export function releaseLock({ file, holder }: Held): void {
  if (isOwn({ file, holder })) rmSync(file, { force: true });
  heldHere.delete(holder.token);
}

/** Whether the file still holds this very lock. @throws the system's error */
export function isOwn({ file, holder }: Held): boolean {
  return readLock(file)?.holder?.token === holder.token;
}

function refused({ holder }: Held, by: Holder): Taken {
  heldHere.delete(holder.token);
  return { by };
}

/** @returns null where the lock is there and one's own; else the file system's time */
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
      // The folder is not there yet, or somebody cleared it.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === LOOKS) throw error;
      makeFolder(dirname(own.file));
    }
  }
}

/**
 * Without hard links the file is created empty, and written afterwards. Others take such a lock over only after it has been
 * empty for longer than its creator allows itself.
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

/** @returns the file's date, which is the file system's time */
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

/** Whether a lock stays as it is for so long. */
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

/** Replaces a lock whose holder is gone, if it is still there. */
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
    // Both are looked at last: this process may have been stopped meanwhile, for so long that it counted as gone itself.
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

/** Named so that whoever holds a folder's lock can clear away what killed processes left in it. */
function temporaryOf({ file, holder }: Held): string {
  return `${file}.${process.pid}-${holder.token}.tmp`;
}
