import type { MetricsEpoch, MetricsStep } from "../schema/generated/run.js";
import type { Restored, RunRecord } from "./record.js";

/** The end of a training step. */
export interface StepEvent extends Restored<MetricsStep> {
  readonly run: string;
  readonly totalSteps: number;
  readonly epochs: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** Milliseconds that the step waited for its batch. */
  readonly waitedMs: number;
  /** Whether metrics.jsonl contains this step (about fifty per epoch). */
  readonly recorded: boolean;
}

/** The end of an epoch, after its validation. */
export interface EpochEvent extends Restored<MetricsEpoch> {
  readonly run: string;
  readonly epochs: number;
}

/** Events of a training run, for renderers, logs and reports. Training code prints nothing itself. */
export type TrainEvent =
  | {
      readonly type: "start";
      readonly run: string;
      readonly directory: string;
      readonly totalSteps: number;
      readonly epochs: number;
      /** Steps that the checkpoint already contains. */
      readonly resumedFrom: number;
    }
  | StepEvent
  | { readonly type: "evaluating"; readonly run: string; readonly done: number; readonly total: number }
  | EpochEvent
  | { readonly type: "checkpoint"; readonly run: string; readonly step: number; readonly file: string }
  | { readonly type: "warning"; readonly run: string; readonly message: string }
  | { readonly type: "done"; readonly run: string; readonly record: RunRecord; readonly cached: boolean }
  | { readonly type: "interrupted"; readonly run: string; readonly step: number }
  | { readonly type: "failed"; readonly run: string; readonly code: string; readonly message: string };

/** Receives the events of a run in order. */
export type Emit = (event: TrainEvent) => void;
