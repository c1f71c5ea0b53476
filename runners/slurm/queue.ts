import { readFileSync } from "node:fs";
import { slurmCommand } from "./client.js";
import type { Element, Submission } from "./jobs.js";

/** What squeue says of one element of a job array. */
export interface QueueWord {
  /** `12_3`: what scancel and scontrol take. */
  readonly job: string;
  /** Slurm's own word: PENDING, RUNNING, COMPLETING, CANCELLED … */
  readonly state: string;
  /** Why it waits: Resources, Priority, Dependency, JobHeldUser … */
  readonly reason: string;
  readonly restarts: number;
  /** Empty while it waits. */
  readonly nodes: string;
}

/** The last thing that an element's script noted of itself. */
export type JournalWord = "started" | "requeued" | "stopped" | "failed" | "done";

const FIELDS = ["Name", "ArrayJobID", "ArrayTaskID", "State", "Reason", "RestartCnt", "NodeList"];
/** Wide enough for the longest name of a sweep; squeue cuts off what is longer. */
const WIDTH = 300;

/**
 * Every element of these arrays that Slurm still knows: all that wait or run, and those that ended a few minutes ago
 * (MinJobAge). An element that was cancelled before it began is forgotten at once.
 * @throws N2uqError N2UQ_SLURM_MISSING, N2UQ_SLURM_REFUSED
 */
export async function readQueue(submissions: readonly Submission[]): Promise<Map<string, QueueWord>> {
  const found = new Map<string, QueueWord>();
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
  queue: ReadonlyMap<string, QueueWord>,
  { submission, index }: Element,
): QueueWord | undefined {
  return queue.get(key(submission.name, String(index)));
}

/** Undefined for an element that never began. */
export function lastNoted({ journal }: Element): JournalWord | undefined {
  try {
    const last = readFileSync(journal, "utf8").trim().split("\n").at(-1);
    return last?.split(" ")[0] as JournalWord | undefined;
  } catch {
    return undefined;
  }
}

function key(name: string, index: string): string {
  return `${name}/${index}`;
}
