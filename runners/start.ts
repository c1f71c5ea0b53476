import type { BatchRequest, LoadedDataset } from "../src/data/types.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Emit } from "../src/runs/events.js";
import { uploadImages } from "../src/train/evaluate.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../src/train/firstBatch.js";
import { initializeFromFile } from "../src/train/initialize.js";
import { INITIAL_PROGRESS } from "../src/train/loop.js";
import type { Progress } from "../src/train/progress.js";
import type { TrainState } from "../src/train/step.js";
import { engineBatches, tellUnreadable, trainRequest } from "./batching.js";
import type { Session } from "./session.js";
import { readingBest, weightsFile } from "./weights.js";

/** Loads the initial weights, then initializes parameters that depend on the first batch. */
export async function initializeState(
  session: Session,
  resolved: ResolvedExperiment,
  state: TrainState,
  data: LoadedDataset,
  emit: Emit,
): Promise<Progress> {
  const pending = parametersFromFirstBatch(state.graph);
  if (resolved.init !== null) {
    const { init } = resolved;
    const file = await weightsFile(session, init);
    const own = "experiment" in init ? init.experiment : null;
    const outcome = await readingBest(session, own, () =>
      initializeFromFile(state.graph, state.store, file, init.strict),
    );
    for (const name of outcome.matched) pending.delete(name);
    if (!outcome.whole) {
      const message = `initial weights: ${outcome.summary}; missing tensors keep their default initial values`;
      emit({ type: "warning", run: resolved.name, message });
    }
  }
  const request = { ...trainRequest(resolved, data), ...tellUnreadable(resolved.name, emit) };
  await initializePending(state, data, request, pending);
  return INITIAL_PROGRESS;
}

/** Initializes parameters that depend on the first batch of a request. */
export async function initializePending(
  { graph, store }: Pick<TrainState, "graph" | "store">,
  data: LoadedDataset,
  request: BatchRequest,
  pending: ReadonlySet<string>,
): Promise<void> {
  if (pending.size === 0) return;
  for await (const batch of engineBatches(data, request)) {
    const images = uploadImages(graph, batch);
    initializeFromFirstBatch(graph, store, images, pending);
    images.dispose();
    return;
  }
}
