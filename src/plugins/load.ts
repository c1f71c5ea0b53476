import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { PluginFile } from "../config/project.js";
import { missingFile } from "../config/read.js";
import { quantizers } from "../core/quantizers.js";
import { datasets } from "../data/datasets.js";
import { N2uqError } from "../errors.js";
import { models } from "../models/models.js";
import { extendSchemas } from "../schema/extend.js";
import { addPart } from "../schema/parts.js";
import { type AddedPart, experimentRoot } from "../schema/roots.js";
import { schemaFault } from "../schema/validate.js";
import { losses } from "../train/losses/losses.js";
import { optimizers } from "../train/optimizers/optimizers.js";
import { schedules } from "../train/schedules/schedules.js";
import { checkPlugin } from "./check.js";
import { checkedDataset } from "./dataset.js";
import { loadedPlugins, remember } from "./loaded.js";
import type { PluginTables } from "./plugin.js";

/**
 * Loads plug-ins and adds their parts to the schemas and tables of this process, once per file. @throws
 * N2uqError N2UQ_PLUGIN_LOAD, N2UQ_PLUGIN_INVALID, N2UQ_PLUGIN_CLASH, N2UQ_CONFIG_FILE_MISSING
 */
export async function loadPlugins(files: readonly PluginFile[], cwd: string): Promise<void> {
  for (const file of files) {
    // Loads in the order of the config, so that a name clash is always reported for the same plug-in.
    if (!loadedPlugins().some((known) => known.file === file.file)) await loadPlugin(file, cwd);
  }
}

async function loadPlugin({ file, location }: PluginFile, cwd: string): Promise<void> {
  const bytes = await readModule(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw missingFile(file, cwd, location);
    throw new N2uqError("N2UQ_PLUGIN_LOAD", { file, reason: cause.message }, { cause, location: { file } });
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  // With the hash in the URL, Node loads the file again if the process loaded an older version of it.
  const url = `${pathToFileURL(file).href}?sha256=${sha256}`;
  const module: { default?: unknown } = await import(url).catch((cause: unknown) => {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new N2uqError("N2UQ_PLUGIN_LOAD", { file, reason }, { cause, location: { file } });
  });
  const { name, parts } = checkPlugin(module.default, file);
  const added = parts.map(({ table, part, fragment }) => ({ table, name: part.name, fragment }));
  checkSchemas(added, file);
  extendSchemas(added);
  for (const { table, part } of parts) {
    const own = table === "datasets" ? checkedDataset(part, file) : part;
    Object.assign(tables[table], { [part.name]: own });
  }
  remember({ name, file, sha256, parts: parts.map(({ table, part }) => `${table}/${part.name}`) });
}

/** @throws a system error; Error for a folder or a device, because reading a device may never end */
async function readModule(file: string): Promise<Buffer> {
  const found = await stat(file);
  if (!found.isFile()) throw new Error(found.isDirectory() ? "it is a folder" : "it is not a regular file");
  return readFile(file);
}

/** Checks that the schemas are valid with the parts. @throws N2uqError N2UQ_PLUGIN_INVALID */
function checkSchemas(parts: readonly AddedPart[], file: string): void {
  const schema = parts.reduce(
    (root, { table, name, fragment }) => addPart(root, table, name, fragment),
    experimentRoot,
  );
  const fault = schemaFault(schema);
  if (fault === undefined) return;
  const what = `a fragment is not a JSON Schema: ${fault}`;
  throw new N2uqError("N2UQ_PLUGIN_INVALID", { file, what }, { location: { file } });
}

/** The tables that plug-ins extend, each by its name. */
const tables: { readonly [Table in keyof PluginTables]: object } = {
  quantizers,
  models,
  datasets,
  optimizers,
  schedules,
  losses,
};
