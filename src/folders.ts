import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder and its missing parents. Node's recursive mkdir never returns on file systems without room
 * for folders (/proc) and reports ENOENT on read-only ones. @throws a system error whose `path` is the folder
 * that could not be created
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    if (code === "ENOENT" && parent !== folder && statSync(parent, { throwIfNoEntry: false }) === undefined) {
      makeFolder(parent);
      makeFolder(folder);
    } else if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
