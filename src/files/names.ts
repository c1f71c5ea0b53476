import { type Dirent, readdirSync } from "node:fs";
import { orElse } from "../attempt.js";

/** The sorted names in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  return orElse(() => readdirSync(folder).sort(), []);
}

/** The sorted names of the folders in a folder, without links; none if there is no such folder. */
export function foldersIn(folder: string): string[] {
  const entries: Dirent[] = orElse(() => readdirSync(folder, { withFileTypes: true }), []);
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).sort();
}
