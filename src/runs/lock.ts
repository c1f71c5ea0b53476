import { existsSync } from "node:fs";
import { join } from "node:path";
import { N2uqError } from "../errors.js";
import { Heartbeat } from "../files/heartbeat.js";
import type { Holder, LockProgress } from "../files/holder.js";
import { describeHolder, readLock } from "../files/holder.js";
import { beatMs, judge } from "../files/judge.js";
import { isOwn, releaseLock, takeLock } from "../files/lockFile.js";

export type { Holder as LockHolder, LockProgress } from "../files/holder.js";

/** A run directory's lock in the hands of this process. */
export interface Lock {
  /** Tells others how far the run is; they see it with the next sign of life. */
  beat(progress: LockProgress): void;
  /** Looks at the lock. Call it before anything is written. @throws N2uqError N2UQ_RUN_LOCK_LOST */
  check(): void;
  /** The same from what was seen at the last sign of life. @throws N2uqError N2UQ_RUN_LOCK_LOST */
  checkQuickly(): void;
  release(): Promise<void>;
}

/**
 * Takes a run directory for this process, so that two of them never write one run. A lock whose process is gone (killed) is taken
 * over; so is one from another machine that gave no sign of life for ten minutes (N2UQ_LOCK_SILENCE).
 * @throws N2uqError N2UQ_RUN_LOCKED, N2UQ_RUN_WRITE_FAILED, N2UQ_RUN_WAIT_INTERRUPTED
 */
export async function lockRun(directory: string, signal?: AbortSignal): Promise<Lock> {
  const file = join(directory, "lock");
  const taken = await takeLock(file, signal).catch((cause: NodeJS.ErrnoException) => {
    if (signal?.aborted) throw new N2uqError("N2UQ_RUN_WAIT_INTERRUPTED", { directory });
    if (typeof cause.syscall !== "string") throw cause;
    throw new N2uqError("N2UQ_RUN_WRITE_FAILED", { directory, reason: cause.message }, { cause });
  });
  if ("by" in taken) {
    const { pid, host } = taken.by;
    throw new N2uqError("N2UQ_RUN_LOCKED", { directory, pid, host, file });
  }
  const { held } = taken;
  const heartbeat = new Heartbeat(held);
  const lost = (reason: "gone" | "taken") =>
    new N2uqError("N2UQ_RUN_LOCK_LOST", { directory, how: HOW[reason] });
  return {
    beat: (progress) => {
      heartbeat.progress = progress;
    },
    check() {
      const reason = heartbeat.loss ?? lossOf(held);
      if (reason !== null) throw lost(reason);
    },
    checkQuickly() {
      if (heartbeat.loss !== null) throw lost(heartbeat.loss);
    },
    async release() {
      await heartbeat.stop();
      releaseLock(held);
    },
  };
}

const HOW = { gone: "the lock file is gone", taken: "another process has taken the lock" };

/** Who holds a run directory now; null where nobody alive does. */
export function holderOf(directory: string): Holder | null {
  try {
    const found = readLock(join(directory, "lock"));
    if (found === null || found.holder === null) return null;
    const verdict = judge(found, describeHolder(beatMs()), Date.now());
    if (verdict === "alive") return found.holder;
    const isRecent = verdict !== "gone" && Math.abs(Date.now() - found.modifiedMs) < verdict.watchMs;
    return isRecent ? found.holder : null;
  } catch {
    return null;
  }
}

/** Removes the lock that a killed process left in a directory. One that can't be written to, or is in use, stays as it is. */
export async function clearDeadLock(directory: string): Promise<void> {
  if (!existsSync(join(directory, "lock")) || holderOf(directory) !== null) return;
  await lockRun(directory).then(
    (lock) => lock.release(),
    () => {},
  );
}

/** A file system that does not answer loses no lock. */
function lossOf(held: Parameters<typeof isOwn>[0]): "gone" | "taken" | null {
  try {
    if (isOwn(held)) return null;
    return readLock(held.file) === null ? "gone" : "taken";
  } catch {
    return null;
  }
}
