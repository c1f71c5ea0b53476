import { locateRunning } from "../../src/config/locate.js";
import type { DataProgress } from "../../src/data/types.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import type { TrainEvent } from "../../src/runs/events.js";
import type { RunRecord } from "../../src/runs/record.js";
import { resolveFile } from "../resolve.js";
import { createSession } from "../session.js";
import { filesByHash, sourcesByHash } from "../sources.js";
import { trainExperiment } from "../train.js";
import { directoryOf } from "../weights.js";
import { type ExperimentSource, type LibraryOptions, open, sourceOf } from "./open.js";

/** Options of `train`. */
export interface TrainOptions extends LibraryOptions {
  /** Starts over instead of resuming or reusing the result. */
  readonly fresh?: boolean;
  /**
   * Called for every step, epoch, checkpoint and warning, also for those of the experiments that this one
   * refers to.
   */
  readonly onEvent?: (event: TrainEvent) => void;
  /** Called with the progress of the download or decoding of a data set. */
  readonly onDataProgress?: (progress: DataProgress) => void;
  /** When aborted, training ends after the current step and writes a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A finished run. */
export interface TrainedRun {
  /** The content of its `result.json`. */
  readonly record: RunRecord;
  /** Absolute path of its run directory. */
  readonly directory: string;
  readonly experiment: ResolvedExperiment;
}

/**
 * Trains an experiment to its end, after the experiments that it refers to, as `n2uq run` does: a finished
 * run is not repeated, an interrupted run resumes from its checkpoint.
 * @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, N2UQ_RESOLVE_*, N2UQ_DATA_*, N2UQ_TRAIN_*, N2UQ_RUN_*,
 * N2UQ_WEIGHTS_*; N2UQ_TRAIN_INTERRUPTED when the signal is aborted
 */
export async function train(source: ExperimentSource, options: TrainOptions = {}): Promise<TrainedRun> {
  const opened = await open(options);
  const { file, load } = sourceOf(source, opened);
  const found = await resolveFile(file, load);
  const session = createSession({
    runs: opened.runs,
    models: opened.models,
    fresh: new Set(options.fresh === true ? [found.hash] : []),
    sources: sourcesByHash(found),
    files: filesByHash(found),
    signal: options.signal ?? new AbortController().signal,
    emit: (event) => options.onEvent?.(event),
    onDataProgress: options.onDataProgress,
  });
  const record = await trainExperiment(session, found.resolved).catch((error: unknown) => {
    throw locateRunning(error, found.loaded.sources);
  });
  return { record, directory: directoryOf(session, found.resolved).path, experiment: found.resolved };
}
