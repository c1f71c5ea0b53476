import { basename } from "node:path";
import { childOf, type Tree } from "./tree.js";

/** What a file describes; `record` is what a run wrote. */
export type FileKind = "experiment" | "sweep" | "table" | "search" | "config" | "record";

/** Keys that an experiment has and no other kind of file. */
const EXPERIMENT = ["extends", "architecture", "quantization", "training", "teacher", "init", "augmentation"];
/** Keys that only a sweep file has. */
const SWEEP = ["base", "grid", "zip", "exclude", "seeds", "table", "search"];
const CONFIG = ["experiment", "runs", "engines", "defaults", "profiles", "slurm"];

/** The kind of a file, by its name and its first level of keys; an experiment where nothing tells otherwise. */
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

/** Whether a file's name is a project config's. */
export function isConfigName(file: string): boolean {
  return /^(n2uq\.config\.\w+|\.n2uqrc(\.\w+)?)$/.test(basename(file));
}

/** As messages name a file that should have been an experiment, and what to do with it. */
export const OTHER_KINDS: Readonly<Record<Exclude<FileKind, "experiment">, readonly [string, string]>> = {
  sweep: ["a sweep", "Run it with `n2uq sweep FILE`, or name one of its base experiments."],
  table: [
    "a table's sweep",
    "`n2uq sweep FILE` trains its cells, `n2uq table FILE` prints the table; or name one of its base experiments.",
  ],
  search: ["a search", "Run it with `n2uq search FILE`, or name its base experiment."],
  config: [
    "a project config",
    "It is read by its name from the current folder and those above; name an experiment.",
  ],
  record: ["what a run wrote", "`n2uq runs` and `n2uq report` show runs; name the experiment's own file."],
};
