import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { runDirectory } from "../src/train/runDirectory.js";

const RUN = /-([0-9a-f]{8})$/;

/**
 * The run directories of a folder by the hash in their names: an experiment that was run under another name is found, and
 * not run again.
 */
export class RunIndex {
  readonly #runs: string;
  readonly #there: ReadonlySet<string>;
  readonly #known = new Map<string, string>();

  constructor(runs: string) {
    this.#runs = runs;
    this.#there = new Set(runNames(runs));
    for (const name of this.#there) this.#known.set(name.slice(-8), name);
  }

  /** Whether a directory was there when the folder was listed. */
  has(directory: string): boolean {
    return this.#there.has(basename(directory));
  }

  /** The directory of the experiment with that hash: the one that is there, or the one that it will have. */
  directory(name: string, hash: string): string {
    const short = hash.slice(0, 8);
    const own = runDirectory(this.#runs, name, hash);
    const known = this.#known.get(short);
    if (known !== undefined) return join(this.#runs, known);
    this.#known.set(short, own.slice(this.#runs.length + 1));
    return own;
  }
}

/** Names of the run directories in a folder; none where it is not there. */
export function runNames(runs: string): string[] {
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && RUN.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
