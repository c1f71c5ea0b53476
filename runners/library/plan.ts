import { type LayerCost, layerCosts, type Totals, totals } from "../../src/graph/cost.js";
import type { TrainingGraph } from "../../src/graph/types.js";
import { recipeHash } from "../../src/resolve/hash.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import { resolveFile } from "../resolve.js";
import { type ExperimentSource, type LibraryOptions, open, sourceOf } from "./open.js";

/** The resolved experiment, its network and its costs. */
export interface Plan {
  /** All values: defaults are filled in, and references are resolved. */
  readonly experiment: ResolvedExperiment;
  /**
   * Identity of the run. `recipe` is the hash of the recipe only, without the content of data and weights.
   */
  readonly hash: string;
  readonly recipe: string;
  readonly graph: TrainingGraph;
  /** The costs of each node that computes something. */
  readonly costs: readonly LayerCost[];
  readonly totals: Totals;
  /** Values of overlays without effect in this experiment, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Resolves an experiment and builds its network, without training it, as `n2uq plan` does.
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_RESOLVE_*, N2UQ_RULE_*, N2UQ_GRAPH_*
 */
export async function plan(source: ExperimentSource, options: LibraryOptions = {}): Promise<Plan> {
  const { file, load } = sourceOf(source, await open(options));
  const { resolved, hash, graph, notes } = await resolveFile(file, load);
  const costs = layerCosts(graph);
  return {
    experiment: resolved,
    hash,
    recipe: recipeHash(resolved),
    graph,
    costs,
    totals: totals(costs),
    notes: notes.map(({ text }) => text),
  };
}
