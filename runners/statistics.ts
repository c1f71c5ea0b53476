import { N2uqError } from "../src/errors.js";
import { normalizesOneValue } from "../src/graph/size.js";
import type { TrainingGraph } from "../src/graph/types.js";
import { rankCount } from "../src/resolve/ranks.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";

/**
 * Rejects BatchNorm over a single value, like PyTorch: its output is the bias for any input. @param batchSize
 * default: the experiment's; a small training split can have a smaller batch @throws N2uqError
 * N2UQ_TRAIN_ONE_VALUE
 */
export function checkStatistics(
  graph: TrainingGraph,
  resolved: ResolvedExperiment,
  batchSize = resolved.training.batchSize,
): void {
  const ranks = resolved.training.syncBatchNorm ? 1 : rankCount(resolved);
  const images = Math.floor(batchSize / ranks);
  const node = normalizesOneValue(graph, images);
  if (node === undefined) return;
  const path = ["training", "batchSize"];
  throw new N2uqError("N2UQ_TRAIN_ONE_VALUE", {
    layer: node.id,
    shape: `[${images}, ${node.shape.join(", ")}]`,
    path,
  });
}
