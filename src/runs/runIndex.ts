import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { N2uqError } from "../errors.js";
import { recordedHash } from "./identity.js";
import { runDirectory } from "./runDirectory.js";

const RUN = /-([0-9a-f]{8})$/;

/**
 * The run directories of a folder. Which experiment one belongs to is decided by the record inside: an experiment that was run
 * under another name is found and not run again, and a copy under another name is not taken for the run.
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

  /** Whether a directory was there when the folder was listed. */
  has(directory: string): boolean {
    const name = basename(directory);
    return this.#bySuffix.get(name.slice(-8))?.includes(name) ?? false;
  }

  /**
   * The directory of the experiment with that hash: the one that is there, or the one that it will have.
   * @throws N2uqError N2UQ_RUN_OTHER where that name is another experiment's
   */
  directory(name: string, hash: string): string {
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    const own = runDirectory(this.#runs, name, hash);
    const found = this.all(hash);
    // Under its own name first: others are copies of it.
    const chosen = found.find((directory) => directory === own) ?? found[0] ?? own;
    if (found.length === 0 && this.has(own)) {
      const other = recordedHash(own);
      if (other !== null)
        throw new N2uqError("N2UQ_RUN_OTHER", { directory: own, name: other.name, hash: other.hash });
    }
    this.#known.set(hash, chosen);
    return chosen;
  }

  /** Every directory whose record has that hash: more than one where one was copied. */
  all(hash: string): string[] {
    const names = this.#bySuffix.get(hash.slice(0, 8)) ?? [];
    return names.map((name) => join(this.#runs, name)).filter((path) => recordedHash(path)?.hash === hash);
  }

  /** The directories of a name: those that `runDirectory` would give it. */
  named(name: string): string[] {
    return [...this.#bySuffix.values()]
      .flat()
      .filter((one) => one.slice(0, -9) === name)
      .map((one) => join(this.#runs, one));
  }

  /** The directories of a recipe, whatever data or weights they were run on. Reads every record, once. */
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

/** Names of the run directories in a folder; none where it is not there. */
export function runNames(runs: string): string[] {
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && RUN.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
