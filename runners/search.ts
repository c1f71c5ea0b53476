import type { LoadOptions } from "../src/config/load.js";
import { assignmentOf } from "../src/config/set.js";
import { datasetSizes } from "../src/data/datasets.js";
import { partOf } from "../src/data/images/split.js";
import { N2uqError } from "../src/errors.js";
import { layerCosts, totals } from "../src/graph/cost.js";
import type { ChosenBits, Limit, SearchedLayer } from "../src/graph/mixedPrecision.js";
import { chooseBits, costOf } from "../src/graph/mixedPrecision.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Metrics } from "../src/runs/record.js";
import type { Budget } from "../src/schema/generated/sweep.js";
import type { SweepSpec } from "../src/sweep/types.js";
import { graphOf } from "./graph.js";
import { candidatesOf } from "./searchCandidates.js";
import { measureSensitivity, type Sensitivity } from "./sensitivity.js";
import type { Session } from "./session.js";
import { type Cell, resolveCells } from "./sweep/cells.js";
import { trainExperiment } from "./train.js";

/** Held-out images by default. */
const HOLDOUT = 2000;

/** The result of a search. */
export interface SearchResult {
  /** The searched experiment, as the sweep file names it: absolute path. */
  readonly base: string;
  readonly name: string;
  /** The network with every layer at its largest candidate bits, trained without the held-out images. */
  readonly maxBitsModel: ResolvedExperiment;
  /** Metrics on the held-out images. */
  readonly baseline: Metrics;
  readonly layers: readonly SearchedLayer[];
  readonly bits: ChosenBits;
  readonly costs: Readonly<Record<string, { readonly limit: number; readonly found: number }>>;
}

/**
 * Searches bits for each layer's weights under a budget: trains the network with all layers at their largest
 * candidate, without the held-out images; evaluates on the held-out images with one layer at a time at each
 * of its other candidates; chooses the bits. @throws N2uqError N2UQ_SEARCH_*; as training
 */
export async function searchBits(
  session: Session,
  spec: SweepSpec,
  options: LoadOptions,
  onMeasured: (done: number, total: number, layer: string) => void,
): Promise<SearchResult> {
  const { search } = spec;
  if (search === undefined) throw new N2uqError("N2UQ_SEARCH_MISSING", { file: spec.file ?? spec.name });
  const [base, ...others] = spec.bases;
  if (base === undefined || others.length + spec.groups.length > 0)
    throw new N2uqError("N2UQ_SEARCH_BASE", { count: spec.bases.length });
  const { holdout = HOLDOUT } = search;
  const maxBitsModel = (await maxBitsModelOf(spec, options, session.runs)).resolved;
  const candidates = candidatesOf(maxBitsModel, search);
  await trainExperiment(session, maxBitsModel);
  const data = await session.dataset({ ...maxBitsModel.data, trainLimit: null });
  const limit = maxBitsModel.data.trainLimit ?? data.train.length;
  const sensitivity = await measureSensitivity(
    session,
    maxBitsModel,
    { ...data, test: partOf(data.train, limit, holdout) },
    candidates,
    onMeasured,
  );
  const layers = searchedLayers(maxBitsModel, candidates, sensitivity);
  const limits = limitsOf(maxBitsModel, layers, search.budget);
  const bits = chooseBits(layers, limits);
  if (bits === null) throw tooSmall(layers, limits);
  const costs: Record<string, { limit: number; found: number }> = {};
  for (const [name, one] of Object.entries(limits))
    costs[name] = { limit: one.most, found: costOf(layers, bits, name, one) };
  const { baseline } = sensitivity;
  return { base, name: spec.name, maxBitsModel, baseline, layers, bits, costs };
}

/**
 * The cell that a search trains: every layer at its largest candidate, without the held-out images. @throws
 * N2uqError N2UQ_SEARCH_*; as `resolveCells`
 */
export async function maxBitsModelOf(spec: SweepSpec, options: LoadOptions, runs: string): Promise<Cell> {
  if (spec.search === undefined) throw new N2uqError("N2UQ_SEARCH_MISSING", { file: spec.file ?? spec.name });
  const { holdout = HOLDOUT } = spec.search;
  const once = async (set: readonly string[]) => {
    const assignments = set.map((argument) => assignmentOf(argument, "/", "n2uq search"));
    const { cells } = await resolveCells({ ...spec, set: [...spec.set, ...assignments] }, options, runs);
    const [cell] = cells.filter(({ shared }) => !shared);
    if (cell === undefined) throw new N2uqError("N2UQ_SEARCH_BASE", { count: 0 });
    return cell;
  };
  const { data } = (await once([])).resolved;
  const { trainSize } = await datasetSizes(data);
  const images = Math.min(trainSize, data.trainLimit ?? trainSize);
  if (images - holdout < 2) throw new N2uqError("N2UQ_SEARCH_HOLDOUT", { holdout, images });
  return once([`weights=${Math.max(...spec.search.candidates)}`, `data.trainLimit=${images - holdout}`]);
}

function searchedLayers(
  maxBitsModel: ResolvedExperiment,
  candidates: ReadonlyMap<string, readonly number[]>,
  { penalties }: Sensitivity,
): SearchedLayer[] {
  const graph = graphOf(maxBitsModel);
  const costs = new Map(layerCosts(graph).map((cost) => [cost.id, cost]));
  const weights = new Map(
    graph.nodes.map(({ id, params }) => [id, params[0]?.shape.reduce((a, b) => a * b, 1) ?? 0]),
  );
  const all = [...candidates.keys()].reduce((sum, id) => sum + (weights.get(id) ?? 0), 0);
  return [...candidates].map(([id, own]) => {
    const { macs = 0, activationBits = 0 } = costs.get(id) ?? {};
    const count = weights.get(id) ?? 0;
    return {
      id,
      candidates: own,
      penalties: penalties.get(id) ?? {},
      costs: { averageWeightBits: count / all, bitOps: macs * (activationBits ?? 0), packedBytes: count / 8 },
    };
  });
}

/**
 * Each limit with the cost of the rest of the network: the total at maximum bits minus the searched layers'
 * share.
 */
function limitsOf(
  experiment: ResolvedExperiment,
  layers: readonly SearchedLayer[],
  budget: Budget,
): Record<string, Limit> {
  const { bitOps, packedBytes } = totals(layerCosts(graphOf(experiment)));
  const whole: Record<string, number> = { bitOps, packedBytes };
  const maxBitsModel = new Map(layers.map(({ id, candidates }) => [id, candidates.at(-1) ?? 0]));
  return Object.fromEntries(
    Object.entries(budget).map(([name, most]: [string, number]) => {
      const searched = costOf(layers, maxBitsModel, name, { fixed: 0 });
      // Each layer's weights are packed to complete bytes.
      const rounding = name === "packedBytes" ? layers.length : 0;
      return [name, { most, fixed: name in whole ? (whole[name] ?? 0) - searched + rounding : 0 }];
    }),
  );
}

function tooSmall(layers: readonly SearchedLayer[], limits: Readonly<Record<string, Limit>>): N2uqError {
  const least = new Map(layers.map(({ id, candidates }) => [id, candidates[0] ?? 0]));
  for (const [limit, one] of Object.entries(limits)) {
    const cost = costOf(layers, least, limit, one);
    const details = { limit, wanted: one.most, least: Number(cost.toPrecision(6)) };
    if (cost > one.most) return new N2uqError("N2UQ_SEARCH_BUDGET", details);
  }
  return new N2uqError("N2UQ_INTERNAL", { message: "the search found no choice within its budget" });
}
