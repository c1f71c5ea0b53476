import type { TrainEvent } from "../../src/runs/events.js";
import type { RunRecord } from "../../src/runs/record.js";
import type { LedgerCell } from "./ledger.js";

/** Events of a cell, for renderers and logs. */
export type SweepEvent =
  | { readonly type: "started"; readonly cell: LedgerCell; readonly attempt: number }
  | { readonly type: "progress"; readonly cell: LedgerCell; readonly event: TrainEvent }
  | { readonly type: "done"; readonly cell: LedgerCell; readonly record: RunRecord; readonly cached: boolean }
  /** Another process runs it; the sweep waits for it. */
  | { readonly type: "elsewhere"; readonly cell: LedgerCell }
  | {
      readonly type: "failed";
      readonly cell: LedgerCell;
      readonly message: string;
      readonly log: string;
      /** Whether it is retried. */
      readonly retried: boolean;
    }
  /** A prerequisite failed. */
  | { readonly type: "blocked"; readonly cell: LedgerCell; readonly by: string }
  | { readonly type: "interrupted"; readonly cell: LedgerCell }
  /** Its job was cancelled in the scheduler. */
  | { readonly type: "cancelled"; readonly cell: LedgerCell };

/** Input of a runner: cells in the order in which they may run, and the limits. */
export interface Placement {
  /** Absolute folders of run directories, and of weights added by hand. */
  readonly runs: string;
  readonly models: string;
  /** Absolute folder of the sweep. */
  readonly folder: string;
  readonly cells: readonly LedgerCell[];
  /** Maximum number of concurrent processes. */
  readonly jobs: number;
  readonly retries: number;
  /** Start no further cell after the first failure. */
  readonly failFast: boolean;
  readonly signal: AbortSignal;
  readonly emit: (event: SweepEvent) => void;
}

/** Runs cells as separate processes. Resolves when no cell is running; results are in their directories. */
export type Runner = (placement: Placement) => Promise<void>;
