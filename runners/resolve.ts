import { resolve as resolvePath } from "node:path";
import { type LoadedExperiment, type LoadOptions, loadExperiment } from "../src/config/load.js";
import { locateRunning } from "../src/config/locate.js";
import { quantizers } from "../src/core/quantizers.js";
import { datasetInfo, datasetSizes, datasets } from "../src/data/datasets.js";
import { PHOTOGRAPHS } from "../src/data/imageFolder.js";
import { selectEngine } from "../src/engines/engines.js";
import { setEngineOptions } from "../src/engines/options.js";
import { N2uqError, N2uqErrors } from "../src/errors.js";
import { checkBatch } from "../src/graph/size.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { knownModels, networkOf } from "../src/models/network.js";
import { pluginOf } from "../src/plugins/loaded.js";
import { resolveData } from "../src/resolve/data.js";
import type { DataFacts } from "../src/resolve/facts.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { Network } from "../src/resolve/network.js";
import { rankBatch } from "../src/resolve/ranks.js";
import { resolveExperiment } from "../src/resolve/resolve.js";
import type { ResolvedArchitecture, ResolvedData, ResolvedExperiment } from "../src/resolve/types.js";
import { checkInitialWeights } from "../src/train/mismatch.js";
import { Contents } from "./content.js";
import { graphOf } from "./graph.js";
import { checkStatistics } from "./statistics.js";
import { type Note, withoutEffect } from "./withoutEffect.js";

/** An experiment, the origins of its values, and its resolved form. */
export interface ResolvedReference {
  readonly loaded: LoadedExperiment;
  readonly resolved: ResolvedExperiment;
  readonly hash: string;
  /** Values of overlays without effect in this experiment. */
  readonly notes: readonly Note[];
}

/** A fully resolved experiment file: every value, its origin, and the network. */
export interface ResolvedFile extends ResolvedReference {
  readonly graph: TrainingGraph;
  /** The experiments that it refers to, recursively. */
  readonly references: readonly ResolvedReference[];
}

/**
 * Loads, checks and resolves an experiment and its references, and builds its graph. @throws N2uqError or
 * N2uqErrors, located in the faulty file
 */
export async function resolveFile(file: string, options: LoadOptions): Promise<ResolvedFile> {
  return resolveLoaded(
    await loadExperiment(resolvePath(options.cwd ?? process.cwd(), file), options),
    options,
  );
}

type Place = Pick<LoadOptions, "project" | "cwd" | "readsOnly" | "leavesOut">;

/** Resolves an experiment that is already loaded. */
export async function resolveLoaded(loaded: LoadedExperiment, options: Place): Promise<ResolvedFile> {
  const resolver = new Resolver(options);
  const { resolved, notes } = await resolver.resolve(loaded);
  return located(loaded, false, async () => {
    const graph = buildChecked(resolved);
    return { loaded, resolved, notes, hash: experimentHash(resolved), graph, references: resolver.followed };
  });
}

/**
 * Builds the experiment's network. Initial weights from another experiment must fit it. @throws N2uqError
 * N2UQ_RULE_*, N2UQ_GRAPH_*, N2UQ_INIT_MISMATCH, N2UQ_TRAIN_ONE_VALUE
 */
export function buildChecked(resolved: ResolvedExperiment): TrainingGraph {
  const { init } = resolved;
  const graph = graphOf(resolved);
  checkStatistics(graph, resolved);
  checkBatch(graph, rankBatch(resolved));
  if (init !== null && "experiment" in init && init.strict)
    checkInitialWeights(graph, graphOf(init.experiment));
  return graph;
}

/** Resolves experiments; resolves each reference once, however many refer to it. */
export class Resolver {
  /** References so far, each once. */
  readonly followed: ResolvedReference[] = [];
  readonly #place: Place;
  readonly #readsOnly: boolean;
  readonly #references = new Map<string, Promise<ResolvedExperiment>>();
  readonly #engines = new Map<string | undefined, Promise<string>>();
  readonly #networks = new Map<string, Network>();
  readonly #contents: Contents;

  constructor({ project, cwd, readsOnly = false, leavesOut = false }: Place) {
    this.#readsOnly = readsOnly;
    if (project !== undefined) setEngineOptions(project.config.engines ?? {});
    this.#place = { ...(project && { project }), ...(cwd !== undefined && { cwd }), leavesOut };
    this.#contents = new Contents(resolvePath(project?.folder ?? cwd ?? process.cwd(), "models"));
  }

  /** @throws N2uqError or N2uqErrors, located in the faulty file */
  resolve(loaded: LoadedExperiment): Promise<Resolved> {
    return this.#resolve(loaded, [], undefined);
  }

  #resolve(
    loaded: LoadedExperiment,
    chain: readonly string[],
    engine: string | undefined,
  ): Promise<Resolved> {
    const isReference = chain.length > 0;
    return located(loaded, isReference, async () => {
      const { value, file } = loaded;
      const own = value.engine === undefined || value.engine === "auto" ? engine : value.engine;
      const name = await this.#engine(own);
      const follow = (reference: string | undefined) =>
        reference === undefined ? undefined : this.#follow(reference, [...chain, file], name);
      const teacher = await follow(value.teacher?.experiment);
      const init = await follow(value.init?.experiment);
      const data = resolveData(value.data);
      const weights = { teacher: value.teacher?.weights, init: value.init?.weights };
      const resolution = resolveExperiment(value, {
        facts: await factsOf(data, value.architecture.classes),
        engine: name,
        models: { ...knownModels(quantizers), network: (architecture) => this.#network(architecture) },
        digestOf: (part) => pluginOf(part)?.sha256,
        content: await this.#contents.of(data, weights),
        teacher,
        init,
      });
      const notes = withoutEffect(loaded, resolution, this.#place.leavesOut);
      return { resolved: resolution.resolved, notes };
    });
  }

  #network(architecture: ResolvedArchitecture): Network {
    const key = JSON.stringify(architecture);
    const network = this.#networks.get(key) ?? rememberedNetwork(networkOf(architecture, quantizers));
    this.#networks.set(key, network);
    return network;
  }

  /** Resolves a referenced experiment from its file only, without profiles and flags. */
  #follow(file: string, chain: readonly string[], engine: string): Promise<ResolvedExperiment> {
    if (chain.includes(file)) {
      const shown = [...chain.slice(chain.indexOf(file)), file].join(" → ");
      throw new N2uqError("N2UQ_RESOLVE_CIRCULAR_REFERENCE", { chain: shown }, { location: { file } });
    }
    const key = `${engine} ${file}`;
    const known = this.#references.get(key);
    if (known !== undefined) return known;
    const found = loadExperiment(file, this.#place).then(async (loaded) => {
      const { resolved, notes } = await this.#resolve(loaded, chain, engine);
      this.followed.push({ loaded, resolved, notes, hash: experimentHash(resolved) });
      return resolved;
    });
    this.#references.set(key, found);
    return found;
  }

  async #engine(name: string | undefined): Promise<string> {
    if (name !== undefined && this.#readsOnly) return name;
    const known = this.#engines.get(name) ?? selectEngine(name).then((engine) => engine.name);
    this.#engines.set(name, known);
    return known;
  }
}

/** A resolved experiment, and the values that were dropped. */
export type Resolved = Pick<ResolvedReference, "resolved" | "notes">;

/** Memoized, because cells of a sweep request the same network repeatedly. */
function rememberedNetwork(network: Network): Network {
  const { decisions, checkGlobs, groups } = network;
  return { decisions: remembered(decisions), checkGlobs: remembered(checkGlobs), groups: remembered(groups) };
}

/** The function, called once for each list of arguments (plain JSON). */
function remembered<Arguments extends readonly unknown[], Result>(
  make: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  const known = new Map<string, Result>();
  return (...given) => {
    const key = JSON.stringify(given);
    if (!known.has(key)) known.set(key, make(...given));
    return known.get(key) as Result;
  };
}

/**
 * Facts of a data set without reading its images. If the user's files are missing, the experiment's values
 * are used, which is enough to plan. @throws N2uqError N2UQ_DATA_*
 */
async function factsOf(data: ResolvedData, classes: number | undefined): Promise<DataFacts> {
  const info = await datasetInfo(data).catch((error: unknown) => {
    if (classes === undefined || !(error instanceof N2uqError)) throw error;
    return { classes, ...PHOTOGRAPHS };
  });
  const inFiles = datasets[data.dataset].storage === "files";
  const { imageSize, channels } = info;
  const facts = { classes: info.classes, imageSize, channels, inFiles };
  return inFiles ? facts : { ...facts, sizes: await datasetSizes(data) };
}

/**
 * Adds the location to errors that have a key but no file: the place where the value was written; the file
 * for a key that was not written, and for any error in a referenced experiment.
 */
async function located<Value>(
  loaded: LoadedExperiment,
  isReference: boolean,
  work: () => Promise<Value>,
): Promise<Value> {
  const at = (error: N2uqError) => {
    const found = locateRunning(error, loaded.sources);
    const isOfFile = isReference || found.details.path !== undefined;
    return found.location === undefined && isOfFile ? inFile(found, loaded.file) : found;
  };
  try {
    return await work();
  } catch (error) {
    if (error instanceof N2uqErrors) throw new N2uqErrors(error.errors.map(at));
    if (error instanceof N2uqError) throw at(error);
    throw error;
  }
}

function inFile({ code, details, hint, cause }: N2uqError, file: string): N2uqError {
  return new N2uqError(code, { ...details }, { location: { file }, cause, hint });
}
