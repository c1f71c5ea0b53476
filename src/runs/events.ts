import type { Metrics, RunRecord } from "./record.js";

/** The end of a training step. */
export interface StepEvent {
  readonly type: "step";
  readonly run: string;
  /** Completed optimizer steps, of `totalSteps`. */
  readonly step: number;
  readonly totalSteps: number;
  /** From 1, of `epochs`. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  /** Top-1 of this batch against the labels, in percent. */
  readonly top1: number;
  readonly lr: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** Milliseconds that the step waited for its batch. */
  readonly waitedMs: number;
  /** Whether metrics.jsonl contains this step (about fifty per epoch). */
  readonly recorded: boolean;
}

/** The end of an epoch, after its validation. */
export interface EpochEvent {
  readonly type: "epoch";
  readonly run: string;
  readonly step: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly train: Metrics;
  readonly validation: Metrics;
  readonly best: boolean;
  readonly lr: number;
  /** Euclidean norm of the full gradient at the epoch's last step. */
  readonly gradientNorm: number | null;
}

/** Events of a training run, for renderers, logs and reports; nothing else prints. */
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
