import { beginningOf, type Holder, type Seen } from "./holder.js";

/**
 * Whether a lock's holder is alive or gone; `watchMs`: gone if the lock does not change for that number of
 * milliseconds on the reader's monotonic clock. Wall clocks are not used for this: they can be set back, and
 * the clocks of two machines differ.
 */
export type Verdict = "alive" | "gone" | { readonly watchMs: number };

/** Heartbeat interval in milliseconds; on a slow file system a heartbeat may be late. */
const BEAT_MS = 2000;
const BEATS_MISSED = 5;
const SILENCE_S = 600;
/** An unreadable lock counts as still being written for this time, in milliseconds. */
export const UNWRITTEN_MS = 2000;
/** How far a file's date may be ahead of the file system's time, in milliseconds. */
const AHEAD_MS = 2000;

/**
 * Tokens of the locks of this process: if the system does not report the start time of a process, its PID is
 * not sufficient to identify it.
 */
export const heldHere = new Set<string>();

/**
 * After this time without a heartbeat, a holder on another machine counts as gone: N2UQ_LOCK_SILENCE in
 * seconds, or ten minutes.
 */
export function silenceMs(): number {
  const seconds = Number(process.env.N2UQ_LOCK_SILENCE || SILENCE_S);
  return 1000 * (seconds > 0 && Number.isFinite(seconds) ? seconds : SILENCE_S);
}

/** Milliseconds between two heartbeats of this process's locks. */
export function beatMs(): number {
  return Math.min(BEAT_MS, silenceMs() / BEATS_MISSED);
}

/** Judges a lock. @param own this process, as a holder @param nowMs the time of the lock's file system */
export function judge({ holder, modifiedMs }: Seen, own: Holder, nowMs: number): Verdict {
  if (holder === null) return { watchMs: UNWRITTEN_MS };
  const missedMs = BEATS_MISSED * (holder.every || BEAT_MS);
  const limitMs = Math.max(silenceMs(), missedMs);
  if (holder.host === own.host) {
    // The machine was rebooted, or another machine has the same name.
    if (differ(holder.boot, own.boot)) return { watchMs: Math.min(limitMs, missedMs) };
    if (!differ(holder.space, own.space)) return isRunning(holder, own) ? "alive" : "gone";
  }
  const ageMs = nowMs - modifiedMs;
  if (ageMs < -AHEAD_MS) return { watchMs: limitMs };
  return ageMs < limitMs ? "alive" : { watchMs: missedMs };
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

function isRunning({ pid, began, token }: Holder, own: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = beginningOf(pid);
  if (now !== undefined && began !== null) return now === began;
  return now !== null && (pid !== own.pid || (token !== null && heldHere.has(token)));
}
