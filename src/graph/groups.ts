import picomatch from "picomatch";
import type { ResolvedOptimizer } from "../resolve/types.js";
import type { TrainingGraph } from "./types.js";

/** Parameters that share a learning rate and a weight decay. */
export interface ParameterGroup {
  readonly lr: number;
  readonly weightDecay: number;
  readonly tensors: readonly string[];
}

/**
 * Splits the graph's parameters by the optimizer's groups: the first group with a matching glob takes a parameter, the
 * rest form a last group at the optimizer's own settings. Groups without a parameter are left out.
 */
export function groupParameters(graph: TrainingGraph, optimizer: ResolvedOptimizer): ParameterGroup[] {
  const groups = optimizer.groups.map(({ match, lrScale, weightDecay }) => ({
    matches: picomatch([...match]),
    lr: optimizer.lr * lrScale,
    weightDecay: weightDecay ?? optimizer.weightDecay,
    tensors: [] as string[],
  }));
  const rest = {
    lr: optimizer.lr,
    weightDecay: optimizer.weightDecay,
    tensors: [] as string[],
  };
  for (const name of graph.nodes.flatMap((node) => node.params.map((parameter) => parameter.name))) {
    (groups.find(({ matches }) => matches(name)) ?? rest).tensors.push(name);
  }
  return [...groups, rest]
    .filter(({ tensors }) => tensors.length > 0)
    .map(({ lr, weightDecay, tensors }) => ({ lr, weightDecay, tensors }));
}
