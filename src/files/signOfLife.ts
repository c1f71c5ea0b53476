import { closeSync, openSync, writeSync } from "node:fs";
import { type Holder, type LockProgress, lockText, readHandle } from "./holder.js";

/**
 * What a heartbeat found: this process's lock (`own`), no lock (`gone`), another process's lock (`taken`), or
 * a file that is not reachable now.
 */
export type Found = "own" | "gone" | "taken" | "unreachable";

/**
 * Writes a heartbeat into the lock if this process holds it. Writes to the file handle that it checked, so
 * that a lock that replaces the file in the meantime is not modified.
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
