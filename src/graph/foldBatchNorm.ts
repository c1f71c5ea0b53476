import type { BatchNormNode, BiasNode, ConvNode, GraphNode, TrainingGraph } from "./types.js";

/** A BatchNorm that is folded into the convolution before it. */
export interface Fold {
  readonly conv: ConvNode;
  readonly norm: BatchNormNode;
}

/**
 * For inference-only graphs: each BatchNorm after a full-precision convolution whose output no other node
 * uses becomes a bias with the same id, because γ·(W∗x - μ)/√(σ² + ε) + β is a convolution with k·W,
 * k = γ/√(σ² + ε) per output channel, plus β - k·μ. The caller must change the tensors according to `folds`.
 */
export function foldBatchNorm(graph: TrainingGraph): { graph: TrainingGraph; folds: readonly Fold[] } {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const uses = new Map<string, number>();
  for (const id of graph.nodes.flatMap(({ inputs }) => inputs)) uses.set(id, (uses.get(id) ?? 0) + 1);
  const folds: Fold[] = [];
  const nodes = graph.nodes.map((node): GraphNode => {
    const conv = byId.get(node.inputs[0] ?? "");
    if (node.kind !== "batch-norm" || conv?.kind !== "conv") return node;
    if (conv.attrs.quant !== undefined || uses.get(conv.id) !== 1) return node;
    folds.push({ conv, norm: node });
    return biasOf(node);
  });
  return { graph: { ...graph, nodes }, folds };
}

function biasOf({ id, inputs, shape, params }: BatchNormNode): BiasNode {
  const own = params.filter(({ name }) => name === `${id}.bias`);
  return { id, kind: "bias", inputs, attrs: {}, shape, params: own, buffers: [] };
}
