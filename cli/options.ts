import { RUN_SORTS } from "../runners/chooseRuns.js";
import { type ProjectFolders, projectFolders } from "../runners/project.js";
import type { LoadOptions } from "../src/config/load.js";
import { N2uqError } from "../src/errors.js";
import { userPath } from "../src/userPath.js";
import { choice, integer, list, text, type Values } from "./command.js";

/** The option for the folder of the run directories. */
export const runsOptions = { runs: text("<folder>", "folder of the run directories") };

/** Options of all commands that take an experiment. */
export const experimentOptions = {
  profile: list("<name>", "overlay to apply: smoke, cifar10, a profile of the project, or a file"),
  set: list("<path=value>", "set a value by short name or path"),
  engine: text("<name>", "engine to run on: torch, tensorflow, wasm or cpu"),
  ...runsOptions,
};

export type ExperimentOptions = Values<typeof experimentOptions>;

/** Options that filter, sort and limit runs. */
export const choosingOptions = {
  where: list("<key=value,…>", "only runs with these values: method=n2uq,bits=2 or state=done"),
  sort: choice("<key>", "order of the runs", RUN_SORTS),
  limit: integer("<n>", "maximum number of runs", 1, 1_000_000),
};

/** The requested experiment file, and the project's settings. */
export interface OpenedProject extends Pick<ProjectFolders, "runs" | "models"> {
  readonly file: string;
  readonly load: LoadOptions;
}

/**
 * Reads the project's config and determines the experiment. @throws N2uqError N2UQ_CLI_NO_EXPERIMENT,
 * N2UQ_CONFIG_*
 */
export async function openProject(
  file: string | undefined,
  options: ExperimentOptions,
): Promise<OpenedProject> {
  const { cwd, project, runs, models } = await openFolders(options);
  const named = file ?? project.config.experiment;
  if (named === undefined) throw new N2uqError("N2UQ_CLI_NO_EXPERIMENT");
  const engine = options.engine === undefined ? [] : [`engine=${options.engine}`];
  return {
    file: file === undefined ? named : userPath(named, cwd),
    load: { profiles: [...(options.profile ?? [])], set: [...(options.set ?? []), ...engine], project, cwd },
    runs,
    models,
  };
}

/** The project and its folders, for commands without an experiment. @throws N2uqError N2UQ_CONFIG_* */
export function openFolders({ runs }: Pick<ExperimentOptions, "runs">): Promise<ProjectFolders> {
  const location = runs === undefined ? undefined : { file: "--runs", column: 1, text: runs };
  return projectFolders(process.cwd(), runs, location);
}
