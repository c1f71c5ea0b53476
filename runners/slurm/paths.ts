import { N2uqError } from "../../src/errors.js";

/** Characters that sbatch options and list lines cannot contain, with their names. */
const REFUSED: readonly (readonly [pattern: RegExp, what: string])[] = [
  // A backslash in a file name disables the replacement of % for the complete name, and is removed.
  [/\\/, "a backslash"],
  [/[\n\r]/, "a line break"],
  [/\p{Cc}/u, "a control character"],
];

/** @throws N2uqError N2UQ_SLURM_PATH for a folder whose path Slurm does not accept */
export function checkSlurmPath(path: string): void {
  const found = REFUSED.find(([pattern]) => pattern.test(path));
  if (found !== undefined)
    throw new N2uqError("N2UQ_SLURM_PATH", { path: JSON.stringify(path), what: found[1] });
}
