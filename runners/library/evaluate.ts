import { join } from "node:path";
import { RESOLVED, runAt } from "../../src/runs/runRecords.js";
import { userPath } from "../../src/userPath.js";
import { type Evaluation, evaluateExperiment } from "../evaluate.js";
import { resolveFile } from "../resolve.js";
import { createSession } from "../session.js";
import { type ExperimentSource, type LibraryOptions, open, sourceOf } from "./open.js";
import type { TrainOptions } from "./train.js";

/** Options of `evaluate`. */
export interface EvaluateOptions
  extends LibraryOptions,
    Pick<TrainOptions, "onEvent" | "onDataProgress" | "signal"> {
  /** A weights file or a named source instead of the run's best weights. */
  readonly weights?: string;
  /** CSV file to write, with the label and the five most likely classes of each image. */
  readonly predictions?: string;
}

/**
 * Evaluates a finished run, or a weights file, on the experiment's validation images, like `n2uq evaluate`.
 * @param source an experiment, or a run by its directory
 * @throws N2uqError N2UQ_EVALUATE_*, N2UQ_WEIGHTS_*, N2UQ_DATA_*, N2UQ_CLI_WRITE_FAILED
 */
export async function evaluate(source: ExperimentSource, options: EvaluateOptions = {}): Promise<Evaluation> {
  const opened = await open(options);
  const directory = typeof source === "string" ? runAt(userPath(source, opened.cwd)) : null;
  const { file, load } = sourceOf(directory === null ? source : join(directory, RESOLVED), opened);
  const { resolved } = await resolveFile(file, load);
  const session = createSession({
    runs: opened.runs,
    models: opened.models,
    signal: options.signal ?? new AbortController().signal,
    emit: (event) => options.onEvent?.(event),
    onDataProgress: options.onDataProgress,
  });
  const predictions = options.predictions && userPath(options.predictions, opened.cwd);
  return evaluateExperiment(session, resolved, {
    directory: directory ?? undefined,
    weights: options.weights,
    predictions,
  });
}
