import { realpathSync, statSync } from "node:fs";
import { orElse } from "../attempt.js";

/** The file or device that a write goes to. */
export interface Target {
  /** The file after resolving symbolic links. */
  readonly file: string;
  /** Whether it is a device or a pipe, such as /dev/null: written directly, never replaced. */
  readonly device: boolean;
}

/** Checks the path to be written. @throws EISDIR if it is a folder */
export function targetOf(path: string): Target {
  const found = orElse(() => statSync(path, { throwIfNoEntry: false }), undefined);
  if (found === undefined) return { file: path, device: false };
  if (found.isDirectory()) {
    const message = `EISDIR: illegal operation on a directory, open '${path}'`;
    throw Object.assign(new Error(message), { code: "EISDIR", errno: -21, syscall: "open", path });
  }
  return { file: realpathSync(path), device: !found.isFile() };
}
