import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** Of a name of 255 bytes, so much is kept that the rest fits: at most three bytes a character. */
const MOST_CHARACTERS = 60;

/**
 * Where a file is written before it gets its name: in the same folder, under a name of its own for each process, thread and call.
 * `isTemporary` knows it.
 */
export function temporaryName(file: string): string {
  const beginning = basename(file).slice(0, MOST_CHARACTERS);
  return join(dirname(file), `${beginning}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
}

/** Whether a name is one of `temporaryName`, a lock's or an older version's. */
export function isTemporary(name: string): boolean {
  return /\.\d+(-[0-9a-f]+)?\.tmp$/.test(name);
}
