import { size } from "./cost.js";
import type { BatchNormNode, TrainingGraph } from "./types.js";

/**
 * Finds the first BatchNorm with a single value per channel in a batch of this many images: one image on a
 * 1×1 map.
 */
export function normalizesOneValue(graph: TrainingGraph, images: number): BatchNormNode | undefined {
  return graph.nodes.find((node): node is BatchNormNode => {
    if (node.kind !== "batch-norm") return false;
    return images * size(node.shape.slice(0, -1)) < 2;
  });
}
