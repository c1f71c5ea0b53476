import { join, resolve } from "node:path";
import type { LoadOptions } from "../../src/config/load.js";
import type { Experiment } from "../../src/schema/generated/experiment.js";
import { userPath } from "../../src/userPath.js";
import { type ProjectFolders, projectFolders, usePlugins } from "../project.js";

/** An experiment: the path of its file, or the same as an object. */
export type ExperimentSource = string | Experiment;

/** What every function of the library understands; what is not given is as the command line has it. */
export interface LibraryOptions {
  /** What relative paths start from, and where the project's config is looked for; the current folder if not given. */
  readonly cwd?: string;
  /** Folder of the run directories; the project config's, or `runs`, if not given. */
  readonly runs?: string;
  /** Engine to run on: `torch`, `tensorflow`, `wasm` or `cpu`. */
  readonly engine?: string;
  /** Overlays: names of profiles, or files; later ones win. */
  readonly profiles?: readonly string[];
  /** Values by short name or path, over everything else: `bits=3`, `training.seed=1`. */
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

/** The values to set, the engine among them. */
export function valuesOf({ set = [], engine }: LibraryOptions): readonly string[] {
  return engine === undefined ? set : [...set, `engine=${engine}`];
}

/** An experiment's absolute path, and how it is loaded. An object gets a path at which there is no file. */
export function sourceOf(
  source: ExperimentSource,
  { cwd, load }: Opened,
): { readonly file: string; readonly load: Opened["load"] } {
  if (typeof source === "string") return { file: userPath(source, cwd), load };
  const file = join(cwd, "experiment object");
  return { file, load: { ...load, objects: new Map([[file, source]]) } };
}
