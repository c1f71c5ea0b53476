import { N2uqError } from "../../src/errors.js";

/** What no option of sbatch and no line of a list can hold, and its name. */
const REFUSED: readonly (readonly [pattern: RegExp, what: string])[] = [
  // A backslash in a file name turns the replacement of % off for all of it, and goes away.
  [/\\/, "a backslash"],
  [/[\n\r]/, "a line break"],
  [/\p{Cc}/u, "a control character"],
];

/** @throws N2uqError N2UQ_SLURM_PATH for a folder whose path Slurm can't be given */
export function checkSlurmPath(path: string): void {
  const found = REFUSED.find(([pattern]) => pattern.test(path));
  if (found !== undefined)
    throw new N2uqError("N2UQ_SLURM_PATH", { path: JSON.stringify(path), what: found[1] });
}

/** A path as sbatch's `--output` takes it, where `%j` is the job's number and `%%` a percent sign. */
export function outputPattern(path: string): string {
  return path.replaceAll("%", "%%");
}
