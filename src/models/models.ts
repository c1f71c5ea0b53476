import { GraphBuilder } from "../graph/builder.js";
import type { TrainingGraph } from "../graph/types.js";
import type { ResolvedArchitecture, ResolvedQuantization } from "../resolve/types.js";
import { mobilenetV2 } from "./mobilenetV2.js";
import { cifarResnet, declaredStages, resnet } from "./resnet.js";

type Family = ResolvedArchitecture["family"];
type Model<Name extends Family> = (
  b: GraphBuilder,
  architecture: Extract<ResolvedArchitecture, { family: Name }>,
) => void;

/** Every architecture family: from the experiment to graph nodes. */
export const models = {
  resnet,
  "cifar-resnet": cifarResnet,
  "mobilenet-v2": mobilenetV2,
  stages: declaredStages,
} satisfies { [Name in Family]: Model<Name> };

/**
 * The training graph of an architecture under a quantization.
 * @throws N2uqError N2UQ_RULE_MATCHES_NOTHING, N2UQ_RULE_WITHOUT_EFFECT, N2UQ_GRAPH_TOO_SMALL
 */
export function buildGraph(
  architecture: ResolvedArchitecture,
  quantization: ResolvedQuantization,
): TrainingGraph {
  const b = new GraphBuilder(quantization);
  declare(b, architecture);
  return b.finish(architectureName(architecture));
}

/** Adds an architecture's nodes to a builder. @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
export function declare(b: GraphBuilder, architecture: ResolvedArchitecture): void {
  (models[architecture.family] as Model<Family>)(b, architecture);
}

/** E.g. `resnet18`, `cifar-resnet20`, `mobilenet-v2`, `stages`. */
export function architectureName(architecture: ResolvedArchitecture): string {
  return "depth" in architecture ? `${architecture.family}${architecture.depth}` : architecture.family;
}
