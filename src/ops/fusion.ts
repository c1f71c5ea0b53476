import type { Tensor } from "@tensorflow/tfjs-core";
import type { GraphNode, TrainingGraph } from "../graph/types.js";
import type { Mode, NodeBackward, NodeForward, TensorStore } from "./types.js";

/** Nodes that an engine runs as one: it reads the inputs of the first node and gives the output of the last. */
export interface FusedNodes {
  readonly nodes: readonly GraphNode[];
  forward(inputs: readonly Tensor[], store: TensorStore, mode: Mode): NodeForward;
  backward(dOutput: Tensor, store: TensorStore, saved: readonly Tensor[]): NodeBackward;
}

/** Finds the nodes of a graph that an engine runs as one. Each node belongs to one of them at most. */
export type Fusion = (graph: TrainingGraph) => readonly FusedNodes[];
