import { GraphBuilder } from "../graph/builder.js";
import type { DescribedQuantizers } from "../graph/quantizer.js";
import type { TrainingGraph } from "../graph/types.js";
import type { ResolvedArchitecture, ResolvedQuantization } from "../resolve/types.js";
import type { PartNames } from "../schema/generated/parts.js";
import { cifarResnet } from "./cifarResnet.js";
import { mobilenetV2 } from "./mobilenetV2.js";
import type { ModelFamily } from "./model.js";
import { resnet } from "./resnet.js";
import { stages } from "./stages.js";
import { vgg } from "./vgg.js";

/** All model families by their names in the experiment. */
export const models = {
  "cifar-resnet": cifarResnet,
  "mobilenet-v2": mobilenetV2,
  resnet,
  stages,
  vgg,
} satisfies { [Name in PartNames["models"]]: ModelFamily<Name> };

/**
 * Builds the training graph of an architecture, quantized as the experiment declares. @param quantizers each
 * quantizer's parameters and options @throws N2uqError N2UQ_RULE_MATCHES_NOTHING, N2UQ_RULE_WITHOUT_EFFECT,
 * N2UQ_GRAPH_TOO_SMALL
 */
export function buildGraph(
  architecture: ResolvedArchitecture,
  quantization: ResolvedQuantization,
  quantizers: DescribedQuantizers,
): TrainingGraph {
  const b = new GraphBuilder(quantization, quantizers);
  declare(b, architecture);
  return b.finish(architectureName(architecture));
}

/** Adds an architecture's nodes to a builder. @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
export function declare(b: GraphBuilder, architecture: ResolvedArchitecture): void {
  const model: Pick<ModelFamily<never>, "build"> = models[architecture.family];
  model.build(b, architecture as never);
}

/**
 * The short name of an architecture, for example `resnet18`, `cifar-resnet20`, `mobilenet-v2` or `stages`.
 */
export function architectureName(architecture: ResolvedArchitecture): string {
  return "depth" in architecture ? `${architecture.family}${architecture.depth}` : architecture.family;
}
