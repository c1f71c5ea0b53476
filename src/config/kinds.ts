import { basename } from "node:path";
import { childOf, type Tree } from "./tree.js";

/** The kind of a file; `record` is a file that a run wrote. */
export type FileKind = "experiment" | "sweep" | "table" | "search" | "config" | "record";

/** Keys that only an experiment has. */
const EXPERIMENT = ["extends", "architecture", "quantization", "training", "teacher", "init", "augmentation"];
/** Keys that only a sweep file has. */
const SWEEP = ["base", "grid", "zip", "exclude", "seeds", "table", "search"];
const CONFIG = ["experiment", "runs", "engines", "plugins", "defaults", "profiles", "slurm"];

/** Detects a file's kind from its name and its top-level keys; default: an experiment. */
export function kindOf(file: string, tree: Tree): FileKind {
  const has = (keys: readonly string[]) => keys.some((key) => childOf(tree, key) !== undefined);
  if (isConfigName(file)) return "config";
  if (has(EXPERIMENT)) return "experiment";
  if (has(["table"])) return "table";
  if (has(["search"])) return "search";
  if (has(SWEEP)) return "sweep";
  if (has(["format"]) && has(["hash", "run", "cells", "images"])) return "record";
  return has(CONFIG) && !has(["name"]) ? "config" : "experiment";
}

/** Whether a file has the name of a project config. */
export function isConfigName(file: string): boolean {
  return /^(n2uq\.config\.\w+|\.n2uqrc(\.\w+)?)$/.test(basename(file));
}

/** Names of the other kinds in error messages, and what to do with such a file. */
export const OTHER_KINDS: Readonly<Record<Exclude<FileKind, "experiment">, readonly [string, string]>> = {
  sweep: ["a sweep", "Run it with `n2uq sweep FILE`, or give one of its base experiments."],
  table: [
    "a table's sweep",
    "`n2uq sweep FILE` trains its cells, `n2uq table FILE` prints the table. Or give one of its base experiments.",
  ],
  search: ["a search", "Run it with `n2uq search FILE`, or give its base experiment."],
  config: [
    "a project config",
    "n2uq finds it by its name, in the current folder or its parents. Give an experiment.",
  ],
  record: [
    "an output file of a run",
    "`n2uq runs` and `n2uq report` show runs. Give the experiment's own file.",
  ],
};
