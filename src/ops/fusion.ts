import type { Tensor } from "@tensorflow/tfjs-core";
import type { GraphNode, TrainingGraph } from "../graph/types.js";
import type { Mode, NodeBackward, NodeForward, TensorStore } from "./types.js";

/**
 * Nodes that an engine runs as one: `forward` takes the first node's inputs and returns the last node's
 * output.
 */
export interface FusedNodes {
  readonly nodes: readonly GraphNode[];
  /** Equals `NodeOp.forward` of all nodes, called in order. */
  forward(inputs: readonly Tensor[], store: TensorStore, mode: Mode): NodeForward;
  /**
   * Equals `NodeOp.backward` of all nodes, called in reverse order. @param world number of ranks that share
   * the batch; default 1
   */
  backward(dOutput: Tensor, store: TensorStore, saved: readonly Tensor[], world?: number): NodeBackward;
}

/** Finds the nodes of a graph that an engine runs as one. A node belongs to at most one fusion. */
export type Fusion = (graph: TrainingGraph) => readonly FusedNodes[];
