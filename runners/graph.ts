import { quantizers } from "../src/core/quantizers.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { buildGraph } from "../src/models/models.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";

/** The network of an experiment. @throws N2uqError N2UQ_RULE_*, N2UQ_GRAPH_* */
export function graphOf({
  architecture,
  quantization,
}: Pick<ResolvedExperiment, "architecture" | "quantization">): TrainingGraph {
  return buildGraph(architecture, quantization, quantizers);
}
