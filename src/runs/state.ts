import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { checkRunFile } from "../schema/runFiles.js";
import { holderOf, type LockHolder } from "./lock.js";
import type { RunRecord } from "./record.js";
import { FAILURE, LAST, type RunFailure } from "./runDirectory.js";
import { RESULT, readRecord, readRunFile } from "./runFiles.js";
import type { RunRecords } from "./runRecords.js";

/**
 * The state of a run:
 *
 * - `done`: it has its result; `running`: a live process holds it; `failed`: its last attempt ended in an
 * error or a crash;
 * - `interrupted`: no process runs it, and it can be resumed from its checkpoint; `queued`: it has not
 * started;
 * - `unreadable`: its result is damaged or has another version's format;
 * - `cancelled`: its job was cancelled; this state is from the scheduler, not from the run directory.
 */
export type RunState = "done" | "running" | "failed" | "interrupted" | "queued" | "unreadable" | "cancelled";

/** The scheduler's status of a run. */
export interface SchedulerStatus {
  /** The scheduler's job id. */
  readonly job: string;
  /** Whether the job is pending or running. */
  readonly live: boolean;
  /** How often the scheduler restarted it. */
  readonly restarts: number;
  /** Why it is pending, in the scheduler's words; `held`; or `ending`. */
  readonly reason?: string;
  /** The nodes of the job. */
  readonly nodes?: string;
}

/** The status of a run, from its directory. */
export interface RunStatus {
  /** Absolute path. */
  readonly directory: string;
  readonly name: string;
  readonly state: RunState;
  readonly record?: RunRecord;
  readonly holder?: LockHolder;
  readonly failure?: RunFailure;
  /** A text that says which file is damaged. */
  readonly problem?: string;
  readonly scheduler?: SchedulerStatus;
}

/** Reads results from their files, or from a cache of a folder. */
export type ReadsRecords = Pick<RunRecords, "record">;

/** A run's status from its directory's files only. Damaged files are reported, never thrown. */
export function statusOf(directory: string, records: ReadsRecords = { record: readRecord }): RunStatus {
  const base = { directory, name: basename(directory).replace(/-[0-9a-f]{8}$/, "") };
  const result = records.record(directory);
  if (result.state === "read")
    return { ...base, name: result.value.name, state: "done", record: result.value };
  if (result.state === "damaged")
    return { ...base, state: "unreadable", problem: `${RESULT} is damaged: ${result.reason}` };
  const held = holderIn(directory);
  if (held !== null) return { ...base, state: "running", ...held };
  const failure = readRunFile(join(directory, FAILURE), "failure");
  if (failure.state === "read") return { ...base, state: "failed", failure: failure.value };
  if (failure.state === "damaged")
    return { ...base, state: "failed", problem: `${FAILURE} is damaged: ${failure.reason}` };
  return { ...base, state: existsSync(join(directory, LAST)) ? "interrupted" : "queued" };
}

/** The live process that holds a directory. Its progress is null if the lock contains invalid progress. */
function holderIn(directory: string): Pick<RunStatus, "holder" | "problem"> | null {
  const holder = holderOf(directory);
  if (holder === null) return null;
  const whole = checkRunFile("lock", holder);
  if (whole.ok) return { holder };
  const problem = `lock is damaged: ${whole.fault}`;
  const bare = checkRunFile("lock", { ...holder, progress: null });
  return bare.ok ? { holder: { ...holder, progress: null }, problem } : null;
}

/** Counts the cells in each state. */
export function countStates(cells: readonly { readonly status: RunStatus }[]): Record<RunState, number> {
  const counts = { done: 0, running: 0, failed: 0, interrupted: 0, queued: 0, unreadable: 0, cancelled: 0 };
  for (const { status } of cells) counts[status.state] += 1;
  return counts;
}
