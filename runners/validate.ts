import { dirname, relative } from "node:path";
import { isConfigName, kindOf } from "../src/config/kinds.js";
import type { LoadOptions } from "../src/config/load.js";

import { readTree } from "../src/config/read.js";
import { layerCosts, totals } from "../src/graph/cost.js";
import { totalsLine } from "../src/report/plan.js";
import { projectOf } from "./project.js";
import { resolveFile } from "./resolve.js";

/**
 * Checks a file by the schema of its kind, and everything it refers to; runs nothing. @param file absolute
 * path @returns a short description of the file @throws N2uqError or N2uqErrors, located
 */
export async function validateFile(file: string, load: LoadOptions, runs: string): Promise<string> {
  const cwd = load.cwd ?? process.cwd();
  const kind = isConfigName(file) ? "config" : kindOf(file, await readTree(file, cwd));
  if (kind === "config") return validateConfigFile(file, cwd);
  if (kind === "experiment" || kind === "record") {
    const { graph } = await resolveFile(file, load);
    return `${graph.name}, ${totalsLine(totals(layerCosts(graph)))}`;
  }
  // A single experiment does not need the code of sweeps and tables.
  const { validateCells } = await import("./validateCells.js");
  return validateCells(file, kind, load, runs);
}

async function validateConfigFile(file: string, cwd: string): Promise<string> {
  const project = await projectOf(file, cwd);
  for (const read of project.profiles.values()) await read(cwd);
  const { experiment } = project.config;
  if (experiment !== undefined) await readTree(experiment, cwd);
  const count = project.profiles.size;
  return `project config of ${relative(cwd, dirname(file)) || "this folder"}, ${count} ${count === 1 ? "profile" : "profiles"}`;
}
