import type { EpochEvent, StepEvent } from "./events.js";
import type { Analysis, RunRecord } from "./record.js";

/** What is left of a step and of an epoch in metrics.jsonl. */
export type StepPoint = Pick<StepEvent, "step" | "epoch" | "loss" | "top1" | "lr">;
export type EpochPoint = Pick<
  EpochEvent,
  "step" | "epoch" | "train" | "validation" | "best" | "lr" | "gradientNorm"
>;

/** A finished run: what it is, and what it came to. */
export interface RunSummary {
  /** The directory's own name; tells runs apart. */
  readonly id: string;
  readonly directory: string;
  readonly record: RunRecord;
  /** resolved.yaml as plain JSON; null where it can't be read. */
  readonly resolved: unknown;
  /** What is missing or could not be read, in words. */
  readonly notes: readonly string[];
}

/** A finished run with all that its directory tells of it. */
export interface RunHistory extends RunSummary {
  readonly steps: readonly StepPoint[];
  readonly epochs: readonly EpochPoint[];
  /** Null for a run of a version that did not record it. */
  readonly analysis: Analysis | null;
  /** Searches that judged layers by this run, each in its `search-<name>.json`. */
  readonly searches: readonly SearchRecord[];
  /** Where each value of `resolved` came from, by its path; null where that was not recorded. */
  readonly sources: Readonly<Record<string, string>> | null;
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
