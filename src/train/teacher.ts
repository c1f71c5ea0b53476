import { add, mul, reshape, rsqrt, scalar, sub, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { type Fold, foldBatchNorm } from "../graph/foldBatchNorm.js";
import type { TrainingGraph } from "../graph/types.js";
import { forward } from "../ops/execute.js";
import { tensorOf } from "../ops/tensors.js";
import type { HostTensor } from "../weights/safetensors.js";
import { loadState } from "./checkpoint.js";
import { createStore, disposeStore, type MutableStore, replace } from "./store.js";

/** A frozen teacher in inference mode (running statistics). */
export interface Teacher {
  /** `[batch, height, width, channels]` → logits `[batch, classes]`, owned by the caller. */
  logits(images: Tensor): Tensor;
  close(): void;
}

/** Creates a teacher with the graph's architecture from a state dict; folds BatchNorms into convolutions. */
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

/** W ← k·W and bias ← β - k·μ with k = γ/√(σ² + ε) per output channel. */
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
