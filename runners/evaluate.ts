import { existsSync } from "node:fs";
import { imagePath } from "../src/data/images/walk.js";
import { N2uqError } from "../src/errors.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Metrics } from "../src/runs/record.js";
import { RunDirectory } from "../src/runs/runDirectory.js";
import { RESULT } from "../src/runs/runFiles.js";
import { RunRecords } from "../src/runs/runRecords.js";
import { loadState } from "../src/train/checkpoint.js";
import { evaluate } from "../src/train/evaluate.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { engineBatches, tellUnreadable, validationRequest } from "./batching.js";
import { type ClassAccuracy, ClassCounts, type Confusion } from "./classCounts.js";
import { noRunOf } from "./experimentRun.js";
import { graphOf } from "./graph.js";
import { nearRuns } from "./nearRuns.js";
import { PredictionsFile } from "./predictions.js";
import { loadEngine, type Session } from "./session.js";
import { bestFile, directoryOf, placedFile, readFitting, readingBest } from "./weights.js";

/** The result of an evaluation on the validation split. */
export interface Evaluation extends Metrics {
  readonly weights: string;
  /** Number of evaluated images. */
  readonly images: number;
  /** Number of unreadable images, which are not evaluated. */
  readonly unreadable: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly perClass: readonly ClassAccuracy[];
  readonly confusions: readonly Confusion[];
}

/** The weights to evaluate, and the file for their predictions. */
export interface EvaluateOptions {
  /** A file or a named source; default: the run's best weights. */
  readonly weights?: string | undefined;
  /** A run directory that the user named; default: the experiment's run directory. */
  readonly directory?: string | undefined;
  /** CSV file to write, with one line per image. */
  readonly predictions?: string | undefined;
}

/**
 * Evaluates weights on the experiment's validation split. @throws N2uqError N2UQ_EVALUATE_*, N2UQ_WEIGHTS_*,
 * N2UQ_DATA_*, N2UQ_CLI_WRITE_FAILED
 */
export async function evaluateExperiment(
  session: Session,
  resolved: ResolvedExperiment,
  { weights, predictions, directory }: EvaluateOptions = {},
): Promise<Evaluation> {
  const file =
    weights === undefined
      ? await bestOf(session, resolved, directory)
      : await placedFile(session.models, weights);
  const data = await session.dataset(resolved.data);
  await loadEngine(resolved.engine, resolved.training.precision);
  const graph = graphOf(resolved);
  const own = weights === undefined ? resolved : null;
  const tensors = await readingBest(session, own, () => readFitting(graph, file));
  const store = createStore(graph, resolved.training.seed);
  const counts = new ClassCounts(graph.classes);
  const total = data.test.length;
  let images = 0;
  let csv: PredictionsFile | null = null;
  try {
    loadState(graph, store, tensors);
    csv = predictions === undefined ? null : new PredictionsFile(predictions);
    const started = performance.now();
    const request = tellUnreadable(resolved.name, session.emit);
    const validationBatches = engineBatches(data, { ...validationRequest(resolved), ...request });
    const metrics = await evaluate(
      graph,
      store,
      validationBatches,
      (done, { logits, labels, numbers }) => {
        counts.add(logits, labels);
        csv?.add(
          Array.from(numbers, (number) => imagePath(data.test, "test", number)),
          labels,
          logits,
        );
        images = done;
        session.emit({ type: "evaluating", run: resolved.name, done, total });
      },
      session.signal,
    );
    if (session.signal.aborted) throw new N2uqError("N2UQ_EVALUATE_INTERRUPTED");
    csv?.finish();
    const seconds = (performance.now() - started) / 1000;
    const imagesPerSecond = images / seconds;
    const summary = { ...metrics, weights: file, images, unreadable: total - images };
    return { ...summary, seconds, imagesPerSecond, ...counts.summary(data.info.classNames) };
  } finally {
    csv?.discard();
    disposeStore(store);
  }
}

/** @throws N2uqError N2UQ_EVALUATE_NO_RUN with the existing runs; N2UQ_RUN_CORRUPT, N2UQ_RUN_WEIGHTS_LOST */
async function bestOf(
  session: Session,
  resolved: ResolvedExperiment,
  named: string | undefined,
): Promise<string> {
  const directory = named === undefined ? directoryOf(session, resolved) : new RunDirectory(named);
  if ((await directory.result()) !== null)
    return named === undefined ? bestFile(session, resolved) : directory.best;
  const there = existsSync(directory.path) ? `not finished: it has no ${RESULT}` : "not run yet";
  const near =
    named === undefined ? nearRuns(session.directories, resolved, new RunRecords(session.runs)) : [];
  throw noRunOf(resolved, directory.path, there, near);
}
