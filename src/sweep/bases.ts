import { readdirSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import picomatch from "picomatch";
import { missingFile } from "../config/read.js";
import { N2uqError, type SourceLocation } from "../errors.js";

/**
 * The file, or the files that match a glob, sorted by name. Only the last part of a path may be a glob.
 * @throws N2uqError N2UQ_SWEEP_NO_MATCH
 */
export function matchingFiles(pattern: string, from: SourceLocation | undefined): string[] {
  if (!picomatch.scan(basename(pattern)).isGlob) return [pattern];
  const folder = dirname(pattern);
  const matches = picomatch(basename(pattern));
  const names = namesIn(folder, from)
    .filter((name) => /\.ya?ml$/.test(name) && matches(name))
    .sort();
  if (names.length > 0) return names.map((name) => join(folder, name));
  const shown = relative(process.cwd(), pattern);
  throw new N2uqError("N2UQ_SWEEP_NO_MATCH", { pattern: shown }, { location: from });
}

function namesIn(folder: string, from: SourceLocation | undefined): string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw missingFile(folder, process.cwd(), from);
  }
}
