import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { LockHolder } from "../src/train/lock.js";
import { holderOf } from "../src/train/lock.js";
import type { RunRecord } from "../src/train/record.js";
import type { RunFailure } from "../src/train/runDirectory.js";
import { FAILURE, LAST, RECORD_FORMAT } from "../src/train/runDirectory.js";

/**
 * - `done`: it has its result; `running`: a living process holds it; `failed`: its last try ended in an error or a crash;
 * - `interrupted`: nobody runs it, and it goes on from its checkpoint; `queued`: it has not begun;
 * - `unreadable`: its result is damaged or of another version;
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
  /** Why it is unreadable. */
  readonly problem?: string;
  readonly scheduler?: SchedulerWord;
}

/** What a run directory says of its run; read from its files alone, whoever runs it. */
export function statusOf(directory: string): RunStatus {
  const base = { directory, name: basename(directory).replace(/-[0-9a-f]{8}$/, "") };
  const result = readRecord(directory);
  if (result !== null) return { ...base, ...result };
  const holder = holderOf(directory);
  if (holder !== null) return { ...base, state: "running", holder };
  const failure = readJson<RunFailure>(join(directory, FAILURE));
  if (failure !== null) return { ...base, state: "failed", failure };
  return { ...base, state: existsSync(join(directory, LAST)) ? "interrupted" : "queued" };
}

function readRecord(directory: string): Pick<RunStatus, "state" | "record" | "problem"> | null {
  const text = readOptional(join(directory, "result.json"));
  if (text === null) return null;
  try {
    const record = JSON.parse(text) as RunRecord;
    if (record.format !== RECORD_FORMAT) {
      const problem = `result.json has format ${record.format}; this version reads ${RECORD_FORMAT}`;
      return { state: "unreadable", problem };
    }
    if (typeof record.hash !== "string" || typeof record.best?.top1 !== "number") {
      return { state: "unreadable", problem: "result.json lacks its hash or its best epoch" };
    }
    return { state: "done", record };
  } catch {
    return { state: "unreadable", problem: "result.json is not JSON" };
  }
}

function readJson<Value>(file: string): Value | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Value;
  } catch {
    return null;
  }
}

function readOptional(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** How many cells are in each state. */
export function countStates(cells: readonly { readonly status: RunStatus }[]): Record<RunState, number> {
  const counts = { done: 0, running: 0, failed: 0, interrupted: 0, queued: 0, unreadable: 0, cancelled: 0 };
  for (const { status } of cells) counts[status.state] += 1;
  return counts;
}
