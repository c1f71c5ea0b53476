import type { TrainEvent } from "../../src/runs/events.js";
import type { RunRecord } from "../../src/runs/record.js";
import type { LedgerCell } from "./ledger.js";

/** What happens to a cell, for renderers and logs. */
export type SweepEvent =
  | { readonly type: "started"; readonly cell: LedgerCell; readonly attempt: number }
  | { readonly type: "progress"; readonly cell: LedgerCell; readonly event: TrainEvent }
  | { readonly type: "done"; readonly cell: LedgerCell; readonly record: RunRecord; readonly cached: boolean }
  /** Another process runs it; it is waited for. */
  | { readonly type: "elsewhere"; readonly cell: LedgerCell }
  | {
      readonly type: "failed";
      readonly cell: LedgerCell;
      readonly message: string;
      readonly log: string;
      /** Whether it is tried again. */
      readonly retried: boolean;
    }
  /** What it needs failed. */
  | { readonly type: "blocked"; readonly cell: LedgerCell; readonly by: string }
  | { readonly type: "interrupted"; readonly cell: LedgerCell }
  /** Somebody took it from the scheduler. */
  | { readonly type: "cancelled"; readonly cell: LedgerCell };

/** What a runner gets to place: cells in the order in which they may run, and the rules. */
export interface Placement {
  /** Absolute folder of the run directories, and of weights placed by hand. */
  readonly runs: string;
  readonly models: string;
  /** Absolute folder of the sweep. */
  readonly folder: string;
  readonly cells: readonly LedgerCell[];
  /** Processes at a time. */
  readonly jobs: number;
  /** How often a failed cell is tried again. */
  readonly retries: number;
  /** Start nothing more after the first failure. */
  readonly failFast: boolean;
  readonly signal: AbortSignal;
  readonly emit: (event: SweepEvent) => void;
}

/** A place where cells run as processes of their own. Resolves when no cell runs any more; their directories tell the rest. */
export type Runner = (placement: Placement) => Promise<void>;
