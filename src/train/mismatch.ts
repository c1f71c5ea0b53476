import { N2uqError } from "../errors.js";
import type { TrainingGraph } from "../graph/types.js";
import { describeMatch, isComplete, type Match, matchTensors } from "./match.js";

/**
 * Checks before training, from the graphs only, that `graph` can load the weights of `initial`. @throws
 * N2uqError N2UQ_INIT_MISMATCH
 */
export function checkInitialWeights(graph: TrainingGraph, initial: TrainingGraph): void {
  const specs = initial.nodes.flatMap(({ params, buffers }) => [...params, ...buffers]);
  const match = matchTensors(graph, new Map(specs.map((spec) => [spec.name, spec])), "full-precision");
  if (!isComplete(match)) throw mismatch(match);
}

/** The error for weights that do not fit a network. */
export function mismatch(match: Match): N2uqError {
  const details = { summary: describeMatch(match), path: ["init"] };
  // Only networks with the layout n2uq have a PReLU.
  const isOtherLayout = match.leftOver.some((name) => /\.prelu\d\.weight$/.test(name));
  const hint =
    "The weights are of a network with `layout: n2uq`; set `architecture.layout: n2uq` in this experiment too.";
  return new N2uqError("N2UQ_INIT_MISMATCH", details, isOtherLayout ? { hint } : {});
}
