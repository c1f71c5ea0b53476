import type * as file from "../schema/generated/run.js";
import type { Analysis, Restored, RunRecord } from "./record.js";

/** The fields of a step and of an epoch in metrics.jsonl. */
export type StepPoint = Omit<Restored<file.MetricsStep>, "type">;
export type EpochPoint = Omit<Restored<file.MetricsEpoch>, "type">;

/** A finished run with its result. */
export interface RunSummary {
  /** The directory's name, unique among the runs. */
  readonly id: string;
  readonly directory: string;
  readonly record: RunRecord;
  /** resolved.yaml as plain JSON; null if it cannot be read. */
  readonly resolved: unknown;
  /** Sentences about missing or unreadable files. */
  readonly notes: readonly string[];
}

/** A finished run with all content of its directory. */
export interface RunHistory extends RunSummary {
  readonly steps: readonly StepPoint[];
  readonly epochs: readonly EpochPoint[];
  /** Null for a run of a version that did not record it. */
  readonly analysis: Analysis | null;
  /** Searches that evaluated layers with this run, from its `search-<name>.json` files. */
  readonly searches: readonly SearchRecord[];
  /** The origin of each value of `resolved`, by its path; null if not recorded. */
  readonly sources: Readonly<Record<string, string>> | null;
}

/**
 * The measurements and the choice of a mixed-precision search. Losses and accuracies are those of the
 * held-out images.
 */
export type SearchRecord = Restored<file.SearchRecord>;

/** A run that cannot be reported, with the reason. */
export interface SkippedRun {
  readonly directory: string;
  readonly reason: string;
}
