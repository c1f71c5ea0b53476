import type { EpochEvent, StepEvent } from "../train/events.js";
import type { Analysis, RunRecord } from "../train/record.js";

/** What is left of a step and of an epoch in metrics.jsonl. */
export type StepPoint = Pick<StepEvent, "step" | "epoch" | "loss" | "top1" | "lr">;
export type EpochPoint = Pick<
  EpochEvent,
  "step" | "epoch" | "train" | "validation" | "best" | "lr" | "gradientNorm"
>;

/** A finished run, read back from its directory. */
export interface RunHistory {
  /** The directory's own name, `<name>-<hash8>`; tells runs apart. */
  readonly id: string;
  readonly directory: string;
  readonly record: RunRecord;
  readonly steps: readonly StepPoint[];
  readonly epochs: readonly EpochPoint[];
  /** Null for a run of a version that did not record it. */
  readonly analysis: Analysis | null;
  /** Searches that judged layers by this run, each in its `search-<name>.json`. */
  readonly searches: readonly SearchRecord[];
  /** resolved.yaml as plain JSON; null where it can't be read. */
  readonly resolved: unknown;
  /** Where each value of `resolved` came from, by its path; null where that was not recorded. */
  readonly sources: Readonly<Record<string, string>> | null;
  /** What is missing or could not be read, in words. */
  readonly notes: readonly string[];
}

/** What a search for mixed precision saw and chose. Losses and accuracies are of the held-out images. */
export interface SearchRecord {
  readonly format: 1;
  readonly name: string;
  readonly baseline: { readonly loss: number; readonly top1: number };
  /** By limit, in its own unit. */
  readonly costs: Readonly<Record<string, { readonly limit: number; readonly found: number }>>;
  readonly layers: readonly {
    readonly layer: string;
    /** Added loss by candidate bits. */
    readonly penalties: Readonly<Record<string, number>>;
    readonly bits: number;
  }[];
}

/** A run that can't be reported, and why. */
export interface SkippedRun {
  readonly directory: string;
  readonly reason: string;
}
