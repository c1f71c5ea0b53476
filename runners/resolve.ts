import { resolve as resolvePath } from "node:path";
import type { LoadedExperiment, LoadOptions } from "../src/config/load.js";
import { loadExperiment } from "../src/config/load.js";
import { locate } from "../src/config/locate.js";
import { datasets } from "../src/data/datasets.js";
import { selectEngine } from "../src/engines/engines.js";
import { N2uqError, N2uqErrors } from "../src/errors.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import { missing } from "../src/resolve/checks.js";
import { resolveData } from "../src/resolve/data.js";
import { experimentHash } from "../src/resolve/hash.js";
import { resolveExperiment } from "../src/resolve/resolve.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";

/** An experiment file, followed to the end: every value, where it came from, and the network. */
export interface ResolvedFile {
  readonly loaded: LoadedExperiment;
  readonly resolved: ResolvedExperiment;
  readonly hash: string;
  readonly graph: TrainingGraph;
  /** The experiments that it refers to. */
  readonly references: readonly ResolvedFile[];
}

/**
 * Loads, checks and resolves an experiment and the ones that it refers to, and builds its graph.
 * @throws N2uqError or N2uqErrors, located in the file that is at fault
 */
export async function resolveFile(file: string, options: LoadOptions): Promise<ResolvedFile> {
  return resolveWithin(resolvePath(options.cwd ?? process.cwd(), file), options, []);
}

async function resolveWithin(
  file: string,
  options: LoadOptions,
  chain: readonly string[],
  engine?: string,
): Promise<ResolvedFile> {
  if (chain.includes(file)) {
    const shown = [...chain.slice(chain.indexOf(file)), file].join(" → ");
    throw new N2uqError("N2UQ_RESOLVE_CIRCULAR_REFERENCE", { chain: shown }, { location: { file } });
  }
  const loaded = await loadExperiment(file, options);
  return located(loaded, async () => {
    const { value } = loaded;
    const ownEngine = value.engine === undefined || value.engine === "auto" ? engine : value.engine;
    const name = (await selectEngine(ownEngine)).name;
    const references: ResolvedFile[] = [];
    const follow = async (reference: string | undefined): Promise<ResolvedExperiment | undefined> => {
      if (reference === undefined) return undefined;
      const { project, cwd } = options;
      const plain = { ...(project && { project }), ...(cwd !== undefined && { cwd }) };
      const other = await resolveWithin(reference, plain, [...chain, file], name);
      references.push(other);
      return other.resolved;
    };
    const teacher = await follow(value.teacher?.experiment);
    const init = await follow(value.init?.experiment);
    if (value.data === undefined) throw missing(["data"]);
    const data = resolveData(value.data);
    const { classes, imageSize, channels } = datasets[data.dataset].info(data);
    const resolved = resolveExperiment(value, {
      facts: { classes, imageSize, channels },
      engine: name,
      ...(teacher && { teacher }),
      ...(init && { init }),
    });
    const graph = buildGraph(resolved.architecture, resolved.quantization);
    return { loaded, resolved, hash: experimentHash(resolved), graph, references };
  });
}

/** Errors that know a key but not a file get the place where that key was written. */
async function located<Value>(loaded: LoadedExperiment, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof N2uqErrors)
      throw new N2uqErrors(error.errors.map((one) => locate(one, loaded.sources)));
    if (error instanceof N2uqError) throw locate(error, loaded.sources);
    throw error;
  }
}
