import { readdirSync } from "node:fs";

/** The sorted names in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The sorted names of the folders in a folder, without links; none if there is no such folder. */
export function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return entries.map(({ name }) => name).sort();
  } catch {
    return [];
  }
}
