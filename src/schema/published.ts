import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../package.js";
import type { Schema } from "./schema.js";

/** A schema as published in `schemas/`. */
export function readSchema(name: "experiment" | "config" | "sweep" | "run"): Schema {
  const file = join(packageRoot(), "schemas", `${name}.schema.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Schema;
}

/** The schema of the files of a run directory. */
export const runRoot: Schema = readSchema("run");
