import type { BatchNormNode, BiasNode, ConvNode, GraphNode, TrainingGraph } from "./types.js";

/** A normalisation whose work the convolution before it takes over. */
export interface Fold {
  readonly conv: ConvNode;
  readonly norm: BatchNormNode;
}

/**
 * For a network that only answers: each BatchNorm behind a full-precision convolution that nothing else reads becomes a bias
 * of the same id, as γ·(W∗x - μ)/√(σ² + ε) + β is a convolution with k·W, k = γ/√(σ² + ε) by output channel, plus β - k·μ.
 * The tensors are the caller's to change as `folds` says.
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
