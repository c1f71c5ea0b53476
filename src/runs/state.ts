import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { checkRunFile } from "../schema/runFiles.js";
import type { LockHolder } from "./lock.js";
import { holderOf } from "./lock.js";
import type { RunRecord } from "./record.js";
import type { RunFailure } from "./runDirectory.js";
import { FAILURE, LAST } from "./runDirectory.js";
import { RESULT, readRecord, readRunFile } from "./runFiles.js";
import type { RunRecords } from "./runRecords.js";

/**
 * - `done`: it has its result; `running`: a living process holds it; `failed`: its last try ended in an error or a crash;
 * - `interrupted`: nobody runs it, and it goes on from its checkpoint; `queued`: it has not begun;
 * - `unreadable`: its result is damaged or of another version's form;
 * - `cancelled`: its job was taken from the scheduler; no run directory says so, only the scheduler.
 */
export type RunState = "done" | "running" | "failed" | "interrupted" | "queued" | "unreadable" | "cancelled";

/** What the scheduler that a run was given to says of it. */
export interface SchedulerWord {
  /** The scheduler's own name for it. */
  readonly job: string;
  /** Whether it waits or runs there. */
  readonly live: boolean;
  /** How often the scheduler began it anew. */
  readonly restarts: number;
  /** Why it waits, in the scheduler's words; `held`; or `ending`. */
  readonly reason?: string;
  /** Where it runs, or ran. */
  readonly nodes?: string;
}

export interface RunStatus {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
  readonly state: RunState;
  readonly record?: RunRecord;
  readonly holder?: LockHolder;
  readonly failure?: RunFailure;
  /** What of its files is damaged. */
  readonly problem?: string;
  readonly scheduler?: SchedulerWord;
}

/** Reads results: from their files, or through what is kept of a whole folder. */
export type ReadsRecords = Pick<RunRecords, "record">;

/** What a run directory says of its run; read from its files alone, whoever runs it. Damaged files are told, never thrown. */
export function statusOf(directory: string, records: ReadsRecords = { record: readRecord }): RunStatus {
  const base = { directory, name: basename(directory).replace(/-[0-9a-f]{8}$/, "") };
  const result = records.record(directory);
  if (result.state === "read")
    return { ...base, name: result.value.name, state: "done", record: result.value };
  if (result.state === "damaged") {
    return { ...base, state: "unreadable", problem: `${RESULT} is damaged: ${result.reason}` };
  }
  const held = holderIn(directory);
  if (held !== null) return { ...base, state: "running", ...held };
  const failure = readRunFile(join(directory, FAILURE), "failure");
  if (failure.state === "read") return { ...base, state: "failed", failure: failure.value };
  if (failure.state === "damaged") {
    return { ...base, state: "failed", problem: `${FAILURE} is damaged: ${failure.reason}` };
  }
  return { ...base, state: existsSync(join(directory, LAST)) ? "interrupted" : "queued" };
}

/** The living process that holds a directory; how far it came is left out of a lock that does not say it as it should. */
function holderIn(directory: string): Pick<RunStatus, "holder" | "problem"> | null {
  const holder = holderOf(directory);
  if (holder === null) return null;
  const whole = checkRunFile("lock", holder);
  if (whole.ok) return { holder };
  const problem = `lock is damaged: ${whole.fault}`;
  const bare = checkRunFile("lock", { ...holder, progress: null });
  return bare.ok ? { holder: { ...holder, progress: null }, problem } : null;
}

/** How many cells are in each state. */
export function countStates(cells: readonly { readonly status: RunStatus }[]): Record<RunState, number> {
  const counts = { done: 0, running: 0, failed: 0, interrupted: 0, queued: 0, unreadable: 0, cancelled: 0 };
  for (const { status } of cells) counts[status.state] += 1;
  return counts;
}
