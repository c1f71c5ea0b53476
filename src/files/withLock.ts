import { Heartbeat } from "./heartbeat.js";
import type { Holder } from "./holder.js";
import { releaseLock, takeLock } from "./lockFile.js";
import { pause } from "./pause.js";

export interface WithLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once before waiting for another process's lock. */
  readonly onWait?: ((holder: Holder) => void) | undefined;
}

const LOOK_EVERY_MS = 300;

/** The lock cannot be written; `cause` is the system's error. */
export class LockUnwritable extends Error {}

/**
 * Waits for a lock file and runs `work` while holding it. @throws errors of `work`; LockUnwritable;
 * `signal`'s reason
 */
export async function withLock<Value>(
  file: string,
  work: () => Promise<Value>,
  { signal, onWait }: WithLockOptions = {},
): Promise<Value> {
  for (let waited = false; ; waited = true) {
    const taken = await takeLock(file, signal).catch((cause: NodeJS.ErrnoException) => {
      throw typeof cause.syscall === "string" ? new LockUnwritable(cause.message, { cause }) : cause;
    });
    if ("held" in taken) {
      const heartbeat = new Heartbeat(taken.held);
      try {
        return await work();
      } finally {
        await heartbeat.stop();
        releaseLock(taken.held);
      }
    }
    if (!waited) onWait?.(taken.by);
    await pause(LOOK_EVERY_MS, signal);
  }
}
