import { join, resolve } from "node:path";
import type { LoadOptions } from "../../src/config/load.js";
import type { Experiment } from "../../src/schema/generated/experiment.js";
import { userPath } from "../../src/userPath.js";
import { type ProjectFolders, projectFolders, usePlugins } from "../project.js";

/** An experiment: the path of its file, or an object with the content of such a file. */
export type ExperimentSource = string | Experiment;

/** Options of all functions of the library. The defaults are those of the command line. */
export interface LibraryOptions {
  /**
   * Folder to which relative paths refer, and where the search for the project's config starts; default: the
   * current folder.
   */
  readonly cwd?: string;
  /** Folder of the run directories; default: that of the project's config, or `runs`. */
  readonly runs?: string;
  /** Engine to run on: `torch`, `tensorflow`, `wasm` or `cpu`. */
  readonly engine?: string;
  /** Overlays: names of profiles, or files; later overlays take precedence. */
  readonly profiles?: readonly string[];
  /** Values by short name or path; they override all files: `bits=3`, `training.seed=1`. */
  readonly set?: readonly string[];
  /** Modules of plug-ins, in addition to those of the project's config. */
  readonly plugins?: readonly string[];
}

/** A project as the library's functions use it. */
export interface Opened extends ProjectFolders {
  readonly load: LoadOptions & { readonly cwd: string };
}

/** Loads plug-ins and the project's config. @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_PLUGIN_* */
export async function open(options: LibraryOptions): Promise<Opened> {
  const cwd = resolve(options.cwd ?? process.cwd());
  await usePlugins((options.plugins ?? []).map((file) => userPath(file, cwd)));
  const folders = await projectFolders(cwd, options.runs);
  const load = { profiles: options.profiles ?? [], set: valuesOf(options), project: folders.project, cwd };
  return { ...folders, load };
}

/** The values to set, including the engine. */
export function valuesOf({ set = [], engine }: LibraryOptions): readonly string[] {
  return engine === undefined ? set : [...set, `engine=${engine}`];
}

/** An experiment's absolute path and load options. An object gets a path at which no file exists. */
export function sourceOf(
  source: ExperimentSource,
  { cwd, load }: Opened,
): { readonly file: string; readonly load: Opened["load"] } {
  if (typeof source === "string") return { file: userPath(source, cwd), load };
  const file = join(cwd, "experiment object");
  return { file, load: { ...load, objects: new Map([[file, source]]) } };
}
