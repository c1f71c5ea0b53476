import { closeSync, openSync, writeSync } from "node:fs";
import type { Holder, LockProgress } from "./holder.js";
import { lockText, readHandle } from "./holder.js";

/** What a sign of life found: one's own lock; none; somebody else's; or that the file can't be reached now. */
export type Found = "own" | "gone" | "taken" | "unreachable";

/**
 * Writes a sign of life into the lock, if it is one's own. It is written into the very file that was looked at, so that a lock
 * which takes its place meanwhile is not touched.
 */
export function signOfLife(
  file: string,
  holder: Holder,
  beats: number,
  progress: LockProgress | null,
): Found {
  let handle: number;
  try {
    handle = openSync(file, "r+");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : "unreachable";
  }
  try {
    if (readHandle(handle).holder?.token !== holder.token) return "taken";
    writeSync(handle, lockText({ ...holder, beats, beat: new Date().toISOString(), progress }), 0);
    return "own";
  } catch {
    return "unreachable";
  } finally {
    closeSync(handle);
  }
}
