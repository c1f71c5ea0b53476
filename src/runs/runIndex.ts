import { basename, join } from "node:path";
import { N2uqError } from "../errors.js";
import { foldersIn } from "../files/names.js";
import { recordedHash } from "./identity.js";
import { runDirectory } from "./runDirectory.js";

const RUN = /-([0-9a-f]{8})$/;

/**
 * The run directories of a folder. The record in a directory decides which experiment the directory belongs
 * to: a renamed experiment is found and not run again, and a copy under another name is not used in place of
 * the run.
 */
export class RunIndex {
  readonly #runs: string;
  readonly #bySuffix = new Map<string, string[]>();
  readonly #known = new Map<string, string>();
  #recipes: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(runs: string) {
    this.#runs = runs;
    for (const name of runNames(runs)) {
      const suffix = name.slice(-8);
      this.#bySuffix.set(suffix, [...(this.#bySuffix.get(suffix) ?? []), name]);
    }
  }

  /** Whether a directory existed when the folder was listed. */
  has(directory: string): boolean {
    const name = basename(directory);
    return this.#bySuffix.get(name.slice(-8))?.includes(name) ?? false;
  }

  /**
   * The directory of the experiment with this hash: the existing one, or the one to create. @throws N2uqError
   * N2UQ_RUN_OTHER if that name belongs to another experiment
   */
  directory(name: string, hash: string): string {
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    const own = runDirectory(this.#runs, name, hash);
    const found = this.all(hash);
    // The directory with the experiment's name takes precedence; other directories are copies of it.
    const chosen = found.find((directory) => directory === own) ?? found[0] ?? own;
    if (found.length === 0 && this.has(own)) {
      const other = recordedHash(own);
      if (other !== null)
        throw new N2uqError("N2UQ_RUN_OTHER", { directory: own, name: other.name, hash: other.hash });
    }
    this.#known.set(hash, chosen);
    return chosen;
  }

  /** Every directory whose record has this hash; more than one if it was copied. */
  all(hash: string): string[] {
    const names = this.#bySuffix.get(hash.slice(0, 8)) ?? [];
    return names.map((name) => join(this.#runs, name)).filter((path) => recordedHash(path)?.hash === hash);
  }

  /** The directories that `runDirectory` would give this name. */
  named(name: string): string[] {
    return [...this.#bySuffix.values()]
      .flat()
      .filter((one) => one.slice(0, -9) === name)
      .map((one) => join(this.#runs, one));
  }

  /** The directories of a recipe, with any data or weights. Reads every record, once. */
  ofRecipe(recipe: string): readonly string[] {
    this.#recipes ??= this.#readRecipes();
    return this.#recipes.get(recipe) ?? [];
  }

  #readRecipes(): Map<string, string[]> {
    const recipes = new Map<string, string[]>();
    for (const name of [...this.#bySuffix.values()].flat()) {
      const directory = join(this.#runs, name);
      const found = recordedHash(directory)?.recipe;
      if (found !== undefined) recipes.set(found, [...(recipes.get(found) ?? []), directory]);
    }
    return recipes;
  }
}

/** Names of the run directories in a folder; empty if it does not exist. */
export function runNames(runs: string): string[] {
  return foldersIn(runs).filter((name) => RUN.test(name));
}
