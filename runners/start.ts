import { batches } from "../src/data/batches.js";
import type { LoadedDataset } from "../src/data/types.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Progress } from "../src/train/checkpoint.js";
import { uploadImages } from "../src/train/evaluate.js";
import type { Emit } from "../src/train/events.js";
import { initializeFromFirstBatch, parametersFromFirstBatch } from "../src/train/firstBatch.js";
import { initializeFrom } from "../src/train/initialize.js";
import { START } from "../src/train/loop.js";
import type { TrainState } from "../src/train/step.js";
import { readWeights } from "../src/weights/open.js";
import { tellUnreadable, trainRequest } from "./batching.js";
import type { Session } from "./session.js";
import { weightsFile } from "./weights.js";

/** Brings a fresh state to where training begins: the declared start weights, then what the first batch decides. */
export async function startFresh(
  session: Session,
  resolved: ResolvedExperiment,
  state: TrainState,
  data: LoadedDataset,
  emit: Emit,
): Promise<Progress> {
  const pending = parametersFromFirstBatch(state.graph);
  if (resolved.init !== null) {
    const tensors = await readWeights(await weightsFile(session, resolved.init));
    const outcome = initializeFrom(state.graph, state.store, tensors, resolved.init.strict);
    for (const name of outcome.matched) pending.delete(name);
    if (!outcome.whole) {
      const message = `start weights: ${outcome.summary}; what is missing starts fresh`;
      emit({ type: "warning", run: resolved.name, message });
    }
  }
  if (pending.size > 0) {
    const request = { ...trainRequest(resolved, data), ...tellUnreadable(resolved.name, emit) };
    for await (const batch of batches(data, request)) {
      const images = uploadImages(state.graph, batch);
      initializeFromFirstBatch(state.graph, state.store, images, pending);
      images.dispose();
      break;
    }
  }
  return START;
}
