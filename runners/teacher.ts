import type { Tensor } from "@tensorflow/tfjs-core";
import { buildGraph } from "../src/models/models.js";
import { forward } from "../src/ops/execute.js";
import type { ResolvedExperiment, ResolvedQuantization } from "../src/resolve/types.js";
import { loadState } from "../src/train/checkpoint.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { readSafetensors } from "../src/weights/safetensors.js";
import type { Session } from "./session.js";
import { weightsFile } from "./weights.js";

/** A trained network that only answers. */
export interface Teacher {
  /** `[batch, height, width, channels]` → logits `[batch, classes]`, the caller's. */
  logits(images: Tensor): Tensor;
  close(): void;
}

const FULL_PRECISION: ResolvedQuantization = {
  method: "none",
  bits: { weights: 32, activations: 32 },
  downsample: false,
  regularizer: { kind: "none", weight: 0 },
  keep: null,
  layers: [],
};

/** The experiment's teacher in evaluation mode (running statistics), or null without one. */
export async function openTeacher(
  session: Session,
  { teacher }: ResolvedExperiment,
): Promise<Teacher | null> {
  if (teacher === null) return null;
  const file = await weightsFile(session, teacher);
  const { architecture, quantization } =
    "experiment" in teacher
      ? teacher.experiment
      : { architecture: teacher.architecture, quantization: FULL_PRECISION };
  const graph = buildGraph(architecture, quantization);
  const store = createStore(graph, 0);
  loadState(graph, store, (await readSafetensors(file)).tensors);
  return {
    logits: (images) => forward(graph, store, images, { mode: "inference" }).logits,
    close: () => disposeStore(store),
  };
}
