import picomatch from "picomatch";
import { N2uqError } from "../src/errors.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Search } from "../src/schema/generated/sweep.js";
import { graphOf } from "./graph.js";

/**
 * The candidate bits of each quantized layer's weights, ascending, in network order. @throws N2uqError
 * N2UQ_SEARCH_NOTHING, N2UQ_SEARCH_RULE
 */
export function candidatesOf(
  experiment: ResolvedExperiment,
  { candidates, layers = [] }: Search,
): Map<string, readonly number[]> {
  const graph = graphOf(experiment);
  const ids = graph.nodes.flatMap((node) =>
    (node.kind === "conv" || node.kind === "linear") && node.attrs.quant !== undefined ? [node.id] : [],
  );
  if (ids.length === 0) throw new N2uqError("N2UQ_SEARCH_NOTHING", { name: experiment.name });
  const found = new Map(ids.map((id) => [id, ascending(candidates)]));
  for (const { match, candidates: own } of layers) {
    const matches = picomatch(match);
    const matching = ids.filter((id) => matches(id));
    if (matching.length === 0) throw new N2uqError("N2UQ_SEARCH_RULE", { match, layers: ids.join(", ") });
    for (const id of matching) found.set(id, ascending(own));
  }
  return found;
}

function ascending(bits: readonly number[]): number[] {
  return [...bits].sort((a, b) => a - b);
}
