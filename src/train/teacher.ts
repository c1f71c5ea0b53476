import type { Tensor } from "@tensorflow/tfjs-core";
import type { TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import type { HostTensor } from "../weights/safetensors.js";
import { loadState } from "./checkpoint.js";
import { createStore, disposeStore } from "./store.js";

/** A trained network that only answers, in evaluation mode (running statistics). */
export interface Teacher {
  /** `[batch, height, width, channels]` → logits `[batch, classes]`, the caller's. */
  logits(images: Tensor): Tensor;
  close(): void;
}

/** A teacher of the graph's architecture with the weights of a state dict. */
export function createTeacher(graph: TrainingGraph, tensors: ReadonlyMap<string, HostTensor>): Teacher {
  const store = createStore(graph, 0);
  loadState(graph, store, tensors);
  return {
    logits: (images) => forward(graph, store, images, { mode: "inference" }).logits,
    close: () => disposeStore(store),
  };
}
