import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** Maximum number of characters kept of a name: with 3 bytes per character, the result fits in 255 bytes. */
const MOST_CHARACTERS = 60;

/**
 * The temporary name of a file before its rename: in the same folder, unique per process, thread and call.
 * See `isTemporary`.
 */
export function temporaryName(file: string): string {
  const beginning = basename(file).slice(0, MOST_CHARACTERS);
  return join(dirname(file), `${beginning}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
}

/** Whether a name is a temporary name: of `temporaryName`, of a lock, or of an older version. */
export function isTemporary(name: string): boolean {
  return /\.\d+(-[0-9a-f]+)?\.tmp$/.test(name);
}
