import { resolve } from "node:path";
import { loadProject, type PluginLoader, type Project, readProject } from "../src/config/project.js";
import type { SourceLocation } from "../src/errors.js";
import { userPath } from "../src/userPath.js";

/**
 * The project that a command runs in, with its plug-ins loaded. Every command calls this before it reads an
 * experiment. @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_PLUGIN_*
 */
export function projectIn(cwd: string = process.cwd()): Promise<Project> {
  return loadProject(cwd, plugins);
}

/** A project, and the absolute folders of its run directories and of weights added by hand. */
export interface ProjectFolders {
  readonly cwd: string;
  readonly project: Project;
  readonly runs: string;
  readonly models: string;
}

/**
 * `projectIn` with its folders. @param runs replaces the config's folder of run directories @param location
 * where `runs` was given @throws as `projectIn`
 */
export async function projectFolders(
  cwd: string,
  runs?: string,
  location?: SourceLocation,
): Promise<ProjectFolders> {
  const project = await projectIn(cwd);
  const { config, folder } = project;
  return {
    cwd,
    project,
    runs: runs === undefined ? resolve(cwd, config.runs ?? "runs") : userPath(runs, cwd, location),
    models: resolve(folder, "models"),
  };
}

/** The project of a config file, with its plug-ins loaded. @throws as `projectIn` */
export function projectOf(file: string, cwd: string): Promise<Project> {
  return readProject(file, cwd, plugins);
}

/** Loads plug-ins by the paths of their files. @throws N2uqError N2UQ_PLUGIN_* */
export function usePlugins(files: readonly string[]): Promise<void> {
  return plugins(
    files.map((file) => ({ file })),
    process.cwd(),
  );
}

/** Imports the tables of all parts only if a project has plug-ins. */
const plugins: PluginLoader = async (files, cwd) => {
  if (files.length === 0) return;
  const { loadPlugins } = await import("../src/plugins/load.js");
  await loadPlugins(files, cwd);
};
