import { readFileSync } from "node:fs";
import { slurmCommand } from "./client.js";
import type { Element, Submission } from "./jobs.js";

/** squeue's status of one element of a job array. */
export interface QueueStatus {
  /** `12_3`: the id for scancel and scontrol. */
  readonly job: string;
  /** Slurm's state: PENDING, RUNNING, COMPLETING, CANCELLED … */
  readonly state: string;
  /** Why it is pending: Resources, Priority, Dependency, JobHeldUser … */
  readonly reason: string;
  readonly restarts: number;
  /** Empty while it is pending. */
  readonly nodes: string;
}

/** The last journal entry of an element's script. */
export type JournalEvent = "started" | "requeued" | "stopped" | "failed" | "done";

const FIELDS = ["Name", "ArrayJobID", "ArrayTaskID", "State", "Reason", "RestartCnt", "NodeList"];
/** Wide enough for the longest name of a sweep; squeue truncates longer ones. */
const WIDTH = 300;

/**
 * Every element of these arrays that Slurm still lists: pending and running elements, and those that ended
 * less than a few minutes ago (MinJobAge). Slurm immediately removes an element that is cancelled before it
 * starts. @throws N2uqError N2UQ_SLURM_MISSING, N2UQ_SLURM_REFUSED
 */
export async function readQueue(submissions: readonly Submission[]): Promise<Map<string, QueueStatus>> {
  const found = new Map<string, QueueStatus>();
  if (submissions.length === 0) return found;
  const stdout = await slurmCommand("squeue", [
    "--noheader",
    "--array",
    "--states=all",
    `--user=${[...new Set(submissions.map(({ user }) => user))].join(",")}`,
    `--name=${submissions.map(({ name }) => name).join(",")}`,
    `--Format=${FIELDS.map((field) => `${field}:${WIDTH}|`).join(",")}`,
  ]);
  for (const line of stdout.split("\n")) {
    const [name = "", array, index, state, reason, restarts, nodes] = line
      .split("|")
      .map((part) => part.trim());
    if (array === undefined || index === undefined || state === undefined) continue;
    found.set(key(name, index), {
      job: `${array}_${index}`,
      state: state.split(" ")[0] ?? state,
      reason: reason ?? "",
      restarts: Number(restarts) || 0,
      nodes: nodes ?? "",
    });
  }
  return found;
}

export function wordOf(
  queue: ReadonlyMap<string, QueueStatus>,
  { submission, index }: Element,
): QueueStatus | undefined {
  return queue.get(key(submission.name, String(index)));
}

/** Undefined for an element that never started. */
export function lastNoted({ journal }: Element): JournalEvent | undefined {
  try {
    const last = readFileSync(journal, "utf8").trim().split("\n").at(-1);
    return last?.split(" ")[0] as JournalEvent | undefined;
  } catch {
    return undefined;
  }
}

function key(name: string, index: string): string {
  return `${name}/${index}`;
}
