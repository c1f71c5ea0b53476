import type { TrainingGraph } from "../src/graph/types.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { describeMatch, isComplete, type Match, matchTensors } from "../src/train/match.js";
import type { StoredTensor } from "../src/weights/types.js";
import { graphOf } from "./graph.js";
import { teacherGraph } from "./teacher.js";

/** How a weights file fits one of an experiment's roles for weights. */
export interface WeightsFit extends Omit<Match, "pairs"> {
  /** The trained network (`evaluate --weights`), its initial weights (`init`), or its teacher. */
  readonly role: "network" | "start" | "teacher";
  readonly fits: boolean;
  readonly matched: number;
  readonly summary: string;
}

/** Compares names and shapes with every role; reads no values. */
export function weightsFit(
  resolved: ResolvedExperiment,
  tensors: ReadonlyMap<string, StoredTensor>,
): WeightsFit[] {
  const fit = (
    role: WeightsFit["role"],
    graph: TrainingGraph,
    need: Parameters<typeof matchTensors>[2],
  ): WeightsFit => {
    const match = matchTensors(graph, tensors, need);
    const { pairs, ...rest } = match;
    return { role, fits: isComplete(match), matched: pairs.length, ...rest, summary: describeMatch(match) };
  };
  const network = graphOf(resolved);
  const teacher = resolved.teacher === null ? [] : [fit("teacher", teacherGraph(resolved.teacher), "all")];
  return [fit("network", network, "all"), fit("start", network, "full-precision"), ...teacher];
}
