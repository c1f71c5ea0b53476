import { dirname } from "node:path";
import { N2uqError, N2uqErrors, type SourceLocation } from "../errors.js";
import type { ProjectConfig } from "../schema/generated/config.js";
import { configRoot } from "../schema/roots.js";
import { validateConfig } from "../schema/validate.js";
import { fillDefaults } from "./defaults.js";
import { throwFaults, toLocation } from "./faults.js";
import { absolutePaths } from "./files.js";
import { extended, flat, type Overlay, readOverlay } from "./overlay.js";
import { type FoundConfig, findConfig, readConfig } from "./projectFile.js";
import {
  childOf,
  entriesOf,
  itemsOf,
  type Origin,
  type Tree,
  toValue,
  withEntry,
  withOrigins,
} from "./tree.js";

/** A project's config, or its defaults if there is none. */
export interface Project {
  /** Absolute path of the config; undefined if there is none. */
  readonly file?: string;
  /** The project's folder: the folder of the config, or the current folder if there is no config. */
  readonly folder: string;
  /** The config with absolute paths and defaults. */
  readonly config: ProjectConfig;
  readonly tree: Tree;
  /** The lowest overlay of every experiment: `engine` and `defaults`. */
  readonly defaults: Tree | undefined;
  /** Profiles declared in the config. */
  readonly profiles: ReadonlyMap<string, (cwd: string) => Promise<Overlay>>;
}

/** A plug-in in a config's list: the absolute path of its module, and the location of the list's entry. */
export interface PluginFile {
  readonly file: string;
  readonly location?: SourceLocation;
}

/** Loads the plug-ins of a config. This precedes validation, because validated values may use their parts. */
export type PluginLoader = (files: readonly PluginFile[], cwd: string) => Promise<void>;

/** The default. Commands and the library use runners/project.ts, which has a plug-in loader. */
const noPlugins: PluginLoader = async (files) => {
  if (files.length === 0) return;
  throw new N2uqError("N2UQ_INTERNAL", { message: `there is no loader for the plug-in ${files[0]?.file}` });
};

/**
 * Finds the project's config in `cwd` or its parents, up to the nearest package.json, and validates it.
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_PLUGIN_*
 */
export async function loadProject(
  cwd: string = process.cwd(),
  plugins: PluginLoader = noPlugins,
): Promise<Project> {
  return projectFrom(await findConfig(cwd), cwd, plugins);
}

/** Reads the project of a config file. @throws as `loadProject` */
export async function readProject(
  file: string,
  cwd: string,
  plugins: PluginLoader = noPlugins,
): Promise<Project> {
  return projectFrom(await readConfig(file, cwd), cwd, plugins);
}

async function projectFrom(
  found: FoundConfig | undefined,
  cwd: string,
  plugins: PluginLoader,
): Promise<Project> {
  const origin = { kind: "project", label: "project" } as const;
  if (found === undefined)
    return projectOf(undefined, cwd, fillDefaultsOf({ origin, entries: new Map() }, cwd));
  const { file } = found;
  const tree = mapOf(found.tree);
  const folder = dirname(file);
  await plugins(pluginFiles(tree, folder), cwd);
  throwFaults(validateConfig(toValue(tree)), tree);
  const paths = fillDefaultsOf(tree, folder);
  const defaults = childOf(paths, "defaults");
  if (defaults === undefined) return projectOf(file, folder, paths);
  const merged = flat(await extended(defaults, file, { cwd, kind: "file" }));
  return projectOf(file, folder, withEntry(paths, "defaults", merged));
}

/**
 * The plug-ins of a config that is not validated yet. Skips values that are not paths in a list; the schema
 * rejects them later.
 */
function pluginFiles(tree: Tree, folder: string): PluginFile[] {
  const list = childOf(tree, "plugins");
  if (list === undefined || !("items" in list)) return [];
  const { plugins = {} } = configRoot.properties ?? {};
  // An empty path would become the folder itself.
  const paths = list.items.filter((item) => "scalar" in item && item.scalar !== "");
  return itemsOf(absolutePaths({ ...list, items: paths }, plugins || {}, folder)).flatMap((item) =>
    "scalar" in item && typeof item.scalar === "string"
      ? { file: item.scalar, location: toLocation(item.origin) }
      : [],
  );
}

function fillDefaultsOf(tree: Tree, folder: string): Tree {
  const { defaults: _overlay, profiles: _overlays, ...plain } = configRoot.properties ?? {};
  return absolutePaths(fillDefaults(tree, { ...configRoot, properties: plain }), configRoot, folder);
}

/** An empty config file is valid and sets nothing. */
function mapOf(part: Tree): Tree {
  if ("entries" in part) return part;
  if ("scalar" in part && part.scalar === null) return { origin: part.origin, entries: new Map() };
  const location = toLocation(part.origin);
  const hint =
    "A project config is a map with the keys experiment, runs, data, plugins, engine, engines, defaults, profiles, slurm.";
  const details = { found: "something else" };
  throw new N2uqErrors([new N2uqError("N2UQ_CONFIG_NOT_A_MAP", details, { hint, location })]);
}

function projectOf(file: string | undefined, folder: string, tree: Tree): Project {
  const engine = childOf(tree, "engine");
  const defaults = childOf(tree, "defaults");
  const base = defaults ?? (engine && ({ origin: engine.origin, entries: new Map() } as Tree));
  const withEngine =
    base === undefined || engine === undefined || childOf(base, "engine") !== undefined
      ? base
      : withEntry(base, "engine", engine);
  return {
    file,
    folder,
    config: toValue(tree) as ProjectConfig,
    tree,
    defaults: withEngine,
    profiles: profilesOf(childOf(tree, "profiles"), file ?? folder),
  };
}

function profilesOf(profiles: Tree | undefined, file: string): Project["profiles"] {
  return new Map(
    entriesOf(profiles).map(([name, tree]) => {
      const read = (cwd: string): Promise<Overlay> => {
        const context = { cwd, kind: "profile", name, from: toLocation(tree.origin) } as const;
        if ("scalar" in tree) return readOverlay(String(tree.scalar), context);
        const label = (origin: Origin) => `profile ${name} (${origin.label})`;
        const own = withOrigins(tree, (origin) => ({ ...origin, kind: "profile", label: label(origin) }));
        return extended(own, file, context);
      };
      return [name, read] as const;
    }),
  );
}
