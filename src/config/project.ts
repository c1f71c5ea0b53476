import { dirname } from "node:path";
import { N2uqError, N2uqErrors } from "../errors.js";
import type { ProjectConfig } from "../schema/generated/config.js";
import { configRoot } from "../schema/roots.js";
import { validateConfig } from "../schema/validate.js";
import { fillDefaults } from "./defaults.js";
import { throwFaults, toLocation } from "./faults.js";
import { absolutePaths } from "./files.js";
import { extended, flat, type Overlay, readOverlay } from "./overlay.js";
import { type FoundConfig, findConfig, readConfig } from "./projectFile.js";
import { childOf, type Tree, toValue, withEntry } from "./tree.js";

/** A project's config, or its defaults if there is none. */
export interface Project {
  /** Absolute path of the config; undefined if there is none. */
  readonly file?: string;
  /** The project's folder: the config's, or the current one. */
  readonly folder: string;
  /** With absolute paths and defaults. */
  readonly config: ProjectConfig;
  readonly tree: Tree;
  /** The lowest overlay of every experiment: `engine` and `defaults`. */
  readonly defaults: Tree | undefined;
  /** Profiles declared in the config. */
  readonly profiles: ReadonlyMap<string, (cwd: string) => Promise<Overlay>>;
}

/**
 * Finds the project's config in `cwd` or its parents, up to the nearest package.json, and validates it.
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*
 */
export async function loadProject(cwd: string = process.cwd()): Promise<Project> {
  return projectFrom(await findConfig(cwd), cwd);
}

/** Reads the project of a config file. @throws as `loadProject` */
export async function readProject(file: string, cwd: string): Promise<Project> {
  return projectFrom(await readConfig(file, cwd), cwd);
}

async function projectFrom(found: FoundConfig | undefined, cwd: string): Promise<Project> {
  const origin = { kind: "project", label: "project" } as const;
  if (found === undefined)
    return projectOf(undefined, cwd, fillDefaultsOf({ origin, entries: new Map() }, cwd));
  const { file } = found;
  const tree = mapOf(found.tree);
  throwFaults(validateConfig(toValue(tree)), tree);
  const folder = dirname(file);
  const paths = fillDefaultsOf(tree, folder);
  const defaults = childOf(paths, "defaults");
  if (defaults === undefined) return projectOf(file, folder, paths);
  const whole = flat(await extended(defaults, file, { cwd, kind: "file" }));
  return projectOf(file, folder, withEntry(paths, "defaults", whole));
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
    "A project config is a map with the keys experiment, runs, data, engine, engines, defaults, profiles, slurm.";
  const details = { found: "something else" };
  throw new N2uqErrors([
    new N2uqError("N2UQ_CONFIG_NOT_A_MAP", details, { hint, ...(location && { location }) }),
  ]);
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
    ...(file === undefined ? {} : { file }),
    folder,
    config: toValue(tree) as ProjectConfig,
    tree,
    defaults: withEngine,
    profiles: profilesOf(childOf(tree, "profiles"), file ?? folder),
  };
}

function profilesOf(profiles: Tree | undefined, file: string): Project["profiles"] {
  const entries = profiles !== undefined && "entries" in profiles ? [...profiles.entries] : [];
  return new Map(
    entries.map(([name, tree]) => {
      const read = (cwd: string): Promise<Overlay> => {
        const from = toLocation(tree.origin);
        const context = { cwd, kind: "profile", name, ...(from && { from }) } as const;
        if ("scalar" in tree) return readOverlay(String(tree.scalar), context);
        return extended(relabelled(tree, name), file, context);
      };
      return [name, read] as const;
    }),
  );
}

function relabelled(tree: Tree, name: string): Tree {
  const origin = {
    ...tree.origin,
    kind: "profile",
    label: `profile ${name} (${tree.origin.label})`,
  } as const;
  if ("items" in tree) return { origin, items: tree.items.map((item) => relabelled(item, name)) };
  if (!("entries" in tree)) return { origin, scalar: tree.scalar };
  return {
    origin,
    entries: new Map([...tree.entries].map(([key, child]) => [key, relabelled(child, name)])),
  };
}
