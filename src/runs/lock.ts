import { existsSync } from "node:fs";
import { join } from "node:path";
import { N2uqError } from "../errors.js";
import { Heartbeat } from "../files/heartbeat.js";
import { describeHolder, type Holder, type LockProgress, readLock } from "../files/holder.js";
import { beatMs, judge } from "../files/judge.js";
import { isOwn, releaseLock, takeLock } from "../files/lockFile.js";

export type { Holder as LockHolder, LockProgress } from "../files/holder.js";

/** A run directory's lock, held by this process. */
export interface Lock {
  /** Publishes the run's progress with the next heartbeat. */
  beat(progress: LockProgress): void;
  /** Checks the lock by reading it. Call before every write. @throws N2uqError N2UQ_RUN_LOCK_LOST */
  check(): void;
  /** Checks the lock by the last heartbeat, without reading the file. @throws N2uqError N2UQ_RUN_LOCK_LOST */
  checkQuickly(): void;
  release(): Promise<void>;
}

/**
 * Locks a run directory, so that two processes never write to one run. Takes over the lock of a dead process,
 * and a lock of another machine after ten minutes without a heartbeat (N2UQ_LOCK_SILENCE). @throws N2uqError
 * N2UQ_RUN_LOCKED, N2UQ_RUN_WRITE_FAILED, N2UQ_RUN_WAIT_INTERRUPTED
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

const HOW = { gone: "the lock file was removed", taken: "another process has taken the lock" };

/** The live process that holds a run directory, or null. */
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

/** Removes a killed process's lock. A lock that is in use or not writable remains. */
export async function clearDeadLock(directory: string): Promise<void> {
  if (!existsSync(join(directory, "lock")) || holderOf(directory) !== null) return;
  await lockRun(directory).then(
    (lock) => lock.release(),
    () => {},
  );
}

/** Why a lock was lost, or null. If the file system does not respond, the lock does not count as lost. */
function lossOf(held: Parameters<typeof isOwn>[0]): "gone" | "taken" | null {
  try {
    if (isOwn(held)) return null;
    return readLock(held.file) === null ? "gone" : "taken";
  } catch {
    return null;
  }
}
