import type { Tensor } from "@tensorflow/tfjs-core";
import { quantizers } from "../core/quantizers.js";
import { weightQuantization } from "../graph/nodes.js";
import type { GraphNode, TrainingGraph } from "../graph/types.js";
import { disposeTape, forward } from "../ops/execute.js";
import { flatten, isDepthwise } from "../ops/weights.js";
import { type MutableStore, replace } from "./store.js";

/** Parameters that are initialized from data (LSQ's step sizes, learnable scales). */
export function parametersFromFirstBatch(graph: TrainingGraph): Set<string> {
  const specs = graph.nodes.flatMap(({ params }) => params);
  return new Set(specs.filter(({ fromFirstBatch }) => fromFirstBatch === true).map(({ name }) => name));
}

/**
 * Initializes the `pending` parameters from the initial weights and the first batch of activations. Proceeds
 * in network order, so that the inputs of each layer are computed by layers that are already initialized.
 */
export function initializeFromFirstBatch(
  graph: TrainingGraph,
  store: MutableStore,
  images: Tensor,
  pending: ReadonlySet<string>,
): void {
  if (pending.size === 0) return;
  const before = (node: GraphNode, inputs: readonly Tensor[]): void => {
    const values = initialValues(node, inputs, store);
    for (const [name, value] of Object.entries(values)) {
      if (pending.has(`${node.id}.${name}`)) replace(store, `${node.id}.${name}`, value);
      else value.dispose();
    }
  };
  const pass = forward(graph, store, images, { mode: "training", before });
  pass.logits.dispose();
  disposeTape(pass);
}

function initialValues(
  node: GraphNode,
  inputs: readonly Tensor[],
  store: MutableStore,
): Readonly<Record<string, Tensor>> {
  const [x, weight] = [inputs[0], store.get(`${node.id}.weight`)];
  if (node.kind === "quantize" && x !== undefined)
    return quantizers[node.attrs.method].activation.initialize?.(x, node.attrs) ?? {};
  const quant = weightQuantization(node);
  if (quant === undefined || weight === undefined) return {};
  const flat = flatten(weight, isDepthwise(node));
  const values = quantizers[quant.method].weight.initialize?.(flat, quant) ?? {};
  flat.dispose();
  return values;
}
