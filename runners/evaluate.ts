import { batches } from "../src/data/batches.js";
import { N2uqError } from "../src/errors.js";
import { buildGraph } from "../src/models/models.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { loadState } from "../src/train/checkpoint.js";
import { evaluate } from "../src/train/evaluate.js";
import type { Metrics } from "../src/train/record.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { validationRequest } from "./batching.js";
import type { ClassAccuracy, Confusion } from "./classCounts.js";
import { ClassCounts } from "./classCounts.js";
import type { Session } from "./session.js";
import { loadEngine } from "./session.js";
import { directoryOf, placedFile, readFitting } from "./weights.js";

/** What an evaluation found on the validation split. */
export interface Evaluation extends Metrics {
  readonly weights: string;
  readonly images: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly perClass: readonly ClassAccuracy[];
  readonly confusions: readonly Confusion[];
}

/**
 * Measures weights on the experiment's validation split: those of a file or a named source, or the run's best ones.
 * @throws N2uqError N2UQ_EVALUATE_NO_RUN, N2UQ_WEIGHTS_*, N2UQ_TRAIN_INTERRUPTED
 */
export async function evaluateExperiment(
  session: Session,
  resolved: ResolvedExperiment,
  weights?: string,
): Promise<Evaluation> {
  const file =
    weights === undefined ? await bestOf(session, resolved) : await placedFile(session.models, weights);
  const data = await session.dataset(resolved.data);
  await loadEngine(resolved.engine);
  const graph = buildGraph(resolved.architecture, resolved.quantization);
  const tensors = await readFitting(graph, file);
  const store = createStore(graph, resolved.training.seed);
  const counts = new ClassCounts(graph.classes);
  const total = data.test.length;
  try {
    loadState(graph, store, tensors);
    const started = performance.now();
    const walk = batches(data, validationRequest(resolved));
    const metrics = await evaluate(
      graph,
      store,
      walk,
      (done, { logits, labels }) => {
        counts.add(logits, labels);
        session.emit({ type: "evaluating", run: resolved.name, done, total });
      },
      session.signal,
    );
    if (session.signal.aborted) throw new N2uqError("N2UQ_EVALUATE_INTERRUPTED");
    const seconds = (performance.now() - started) / 1000;
    const imagesPerSecond = total / seconds;
    return { ...metrics, weights: file, images: total, seconds, imagesPerSecond, ...counts.summary() };
  } finally {
    disposeStore(store);
  }
}

async function bestOf(session: Session, resolved: ResolvedExperiment): Promise<string> {
  const directory = directoryOf(session, resolved);
  if ((await directory.result()) === null) {
    throw new N2uqError("N2UQ_EVALUATE_NO_RUN", { name: resolved.name, directory: directory.path });
  }
  return directory.best;
}
