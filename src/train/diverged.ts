import { abs, max, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { GraphNode, TrainingGraph } from "../graph/types.js";
import { disposeTape, forward } from "../ops/execute.js";
import type { MutableStore } from "./store.js";

/**
 * The tensor that made a loss diverge: the first tensor with a non-finite value, or else the tensor with the
 * largest value.
 */
export interface Divergence {
  readonly layer: string;
  /** `parameter`: the last update made it non-finite; `output`: this forward pass did. */
  readonly where: "parameter" | "output";
  readonly largest: number;
}

/** Runs the batch again and checks every parameter and output in network order. */
export function findDivergence(graph: TrainingGraph, store: MutableStore, images: Tensor): Divergence {
  let first: Divergence | undefined;
  let worst: Divergence = { layer: "", where: "output", largest: Number.NEGATIVE_INFINITY };
  const look = (layer: string, where: Divergence["where"], tensor: Tensor): void => {
    const largest = tidy(() => max(abs(tensor)).dataSync()[0] ?? Number.NaN);
    // On some engines a maximum ignores NaN, so the host checks the values.
    const finite = Number.isFinite(largest) && tensor.dataSync().every(Number.isFinite);
    if (!finite) first ??= { layer, where, largest };
    else if (largest > worst.largest) worst = { layer, where, largest };
  };
  const before = (node: GraphNode): void => {
    for (const { name } of node.params) {
      const parameter = store.get(name);
      if (parameter !== undefined) look(name, "parameter", parameter);
    }
  };
  const observe = (node: GraphNode, output: Tensor): void => look(node.id, "output", output);
  const pass = forward(graph, store, images, { mode: "training", before, observe });
  pass.logits.dispose();
  disposeTape(pass);
  return first ?? worst;
}

/** The error that ends a run whose loss is not finite or too large. */
export function divergence(loss: number, step: number, fault: Divergence, maxLoss: number | null): N2uqError {
  const what =
    fault.where === "parameter" ? `parameter ${fault.layer}` : `the output of layer ${fault.layer}`;
  if (!Number.isFinite(loss)) return new N2uqError("N2UQ_TRAIN_NAN", { loss, step, what });
  const numbers = { loss: loss.toPrecision(4), largest: fault.largest.toPrecision(3) };
  return new N2uqError("N2UQ_TRAIN_EXPLODED", { ...numbers, maxLoss, step, what });
}
