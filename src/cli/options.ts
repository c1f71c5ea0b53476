import { isAbsolute, resolve } from "node:path";
import type { LoadOptions } from "../config/load.js";
import { loadProject } from "../config/project.js";
import { N2uqError } from "../errors.js";

/** What every command that takes an experiment understands. */
export interface ExperimentOptions {
  readonly profile?: readonly string[];
  readonly set?: readonly string[];
  readonly engine?: string;
  readonly runs?: string;
}

/** The experiment file asked for, and what the project says. */
export interface OpenedProject {
  readonly file: string;
  readonly load: LoadOptions;
  /** Absolute folder of run directories. */
  readonly runs: string;
  /** Absolute folder of weights placed by hand. */
  readonly models: string;
}

/**
 * Reads the project's config and decides which experiment is meant.
 * @throws N2uqError N2UQ_CLI_NO_EXPERIMENT, N2UQ_CONFIG_*
 */
export async function openProject(
  file: string | undefined,
  options: ExperimentOptions,
): Promise<OpenedProject> {
  const cwd = process.cwd();
  const project = await loadProject(cwd);
  const named = file ?? project.config.experiment;
  if (named === undefined) throw new N2uqError("N2UQ_CLI_NO_EXPERIMENT");
  const engine = options.engine === undefined ? [] : [`engine=${options.engine}`];
  return {
    file: resolve(cwd, named),
    load: { profiles: [...(options.profile ?? [])], set: [...(options.set ?? []), ...engine], project, cwd },
    runs: within(cwd, options.runs ?? project.config.runs ?? "runs"),
    models: resolve(project.folder, "models"),
  };
}

/** Absolute folder of the run directories: the option's, the project's, or `runs`. */
export async function runsFolder({ runs }: Pick<ExperimentOptions, "runs">): Promise<string> {
  const cwd = process.cwd();
  return within(cwd, runs ?? (await loadProject(cwd)).config.runs ?? "runs");
}

function within(cwd: string, folder: string): string {
  return isAbsolute(folder) ? folder : resolve(cwd, folder);
}
