import { relative } from "node:path";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Session } from "./session.js";

/**
 * The command that restarts an experiment: with the user's file if the session has its path, otherwise with
 * the run's resolved.yaml.
 */
export function freshCommand(
  { files, runs, directories }: Pick<Session, "files" | "runs" | "directories">,
  resolved: ResolvedExperiment,
): string {
  const hash = experimentHash(resolved);
  const file = files?.get(hash) ?? `${directories.directory(resolved.name, hash)}/resolved.yaml`;
  return `n2uq run ${shellPath(file)} --runs ${shellPath(runs)} --fresh`;
}

/** A shell-quoted path, relative to the current folder if that is shorter. */
export function shellPath(path: string): string {
  const here = relative(process.cwd(), path) || ".";
  const shortest = here.length < path.length ? here : path;
  return /^[\w./@%+=:,-]+$/.test(shortest) ? shortest : `'${shortest.replaceAll("'", "'\\''")}'`;
}
