import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. Node's own recursive mkdir never returns where a file system has no room
 * for folders (/proc), and says ENOENT where it is read-only.
 * @throws a system error whose `path` is the folder that could not be made
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
