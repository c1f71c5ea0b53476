import picomatch from "picomatch";
import type { GroupAssignment } from "../resolve/network.js";
import type { ResolvedOptimizer } from "../resolve/types.js";
import { closest } from "./closest.js";
import type { TrainingGraph } from "./types.js";

/** Parameters that share a learning rate and a weight decay. */
export interface ParameterGroup {
  readonly lr: number;
  readonly weightDecay: number;
  readonly tensors: readonly string[];
}

/**
 * Lists the parameters whose learning rate or weight decay differs from the optimizer's, and the globs
 * without effect.
 */
export function describeGroups(graph: TrainingGraph, optimizer: ResolvedOptimizer): GroupAssignment {
  const names = graph.nodes.flatMap((node) => node.params.map(({ name }) => name));
  const globs = optimizer.groups.flatMap(({ match }, group) =>
    match.map((glob, index) => ({ group, glob: index, match: glob, matches: picomatch(glob), took: 0 })),
  );
  const lines: string[] = [];
  for (const name of names) {
    const matching = globs.filter(({ matches }) => matches(name));
    const own = optimizer.groups[matching[0]?.group ?? -1];
    for (const glob of matching) if (glob.group === matching[0]?.group) glob.took += 1;
    const { lrScale = 1, weightDecay = optimizer.weightDecay } = own ?? {};
    if (lrScale !== 1 || weightDecay !== optimizer.weightDecay)
      lines.push(JSON.stringify([name, lrScale, weightDecay]));
  }
  const idle = globs
    .filter(({ took }) => took === 0)
    .map(({ group, glob, match, matches }) => {
      const close = names.some((name) => matches(name)) ? [] : closest(match, names, 4);
      return { group, glob, match, close };
    });
  return { text: lines.join("\n"), idle };
}

/**
 * Splits the graph's parameters into the optimizer's groups: each parameter belongs to the first group with a
 * matching glob; the remaining parameters form a last group with the optimizer's settings. Empty groups are
 * dropped.
 */
export function groupParameters(graph: TrainingGraph, optimizer: ResolvedOptimizer): ParameterGroup[] {
  const groups = optimizer.groups.map(({ match, lrScale, weightDecay }) => ({
    matches: picomatch([...match]),
    lr: optimizer.lr * lrScale,
    weightDecay: weightDecay ?? optimizer.weightDecay,
    tensors: [] as string[],
  }));
  const rest = { lr: optimizer.lr, weightDecay: optimizer.weightDecay, tensors: [] as string[] };
  for (const name of graph.nodes.flatMap((node) => node.params.map((parameter) => parameter.name)))
    (groups.find(({ matches }) => matches(name)) ?? rest).tensors.push(name);
  return [...groups, rest]
    .filter(({ tensors }) => tensors.length > 0)
    .map(({ lr, weightDecay, tensors }) => ({ lr, weightDecay, tensors }));
}
