import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, reshape, rsqrt, scalar, sub, tidy } from "@tensorflow/tfjs-core";
import type { Fold } from "../graph/foldBatchNorm.js";
import { foldBatchNorm } from "../graph/foldBatchNorm.js";
import type { TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import { tensorOf } from "../ops/tensors.js";
import type { HostTensor } from "../weights/safetensors.js";
import { loadState } from "./checkpoint.js";
import type { MutableStore } from "./store.js";
import { createStore, disposeStore, replace } from "./store.js";

/** A trained network that only answers, in evaluation mode (running statistics). */
export interface Teacher {
  /** `[batch, height, width, channels]` → logits `[batch, classes]`, the caller's. */
  logits(images: Tensor): Tensor;
  close(): void;
}

/** A teacher of the graph's architecture with the weights of a state dict; its BatchNorms are folded into its convolutions. */
export function createTeacher(graph: TrainingGraph, tensors: ReadonlyMap<string, HostTensor>): Teacher {
  const store = createStore(graph, 0);
  loadState(graph, store, tensors);
  const { graph: folded, folds } = foldBatchNorm(graph);
  for (const fold of folds) foldTensors(fold, store);
  return {
    logits: (images) => forward(folded, store, images, { mode: "inference" }).logits,
    close: () => disposeStore(store),
  };
}

/** W ← k·W and bias ← β - k·μ, k = γ/√(σ² + ε) by output channel. */
function foldTensors({ conv, norm }: Fold, store: MutableStore): void {
  const of = (leaf: string) => tensorOf(store, `${norm.id}.${leaf}`);
  const weight = tensorOf(store, `${conv.id}.weight`);
  const [scaled, bias] = tidy(() => {
    const spread = rsqrt(add(of("running_var"), scalar(norm.attrs.epsilon)));
    const k = mul(of("weight"), spread);
    const channels = conv.attrs.depthwise ? reshape(k, [k.size, 1]) : k;
    return [mul(weight, channels), sub(of("bias"), mul(k, of("running_mean")))] as const;
  });
  replace(store, `${conv.id}.weight`, scaled);
  replace(store, `${norm.id}.bias`, bias);
  const unused = ["weight", "running_mean", "running_var", "num_batches_tracked"];
  for (const leaf of unused) {
    store.get(`${norm.id}.${leaf}`)?.dispose();
    store.delete(`${norm.id}.${leaf}`);
  }
}
