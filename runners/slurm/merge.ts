import type { RunStatus, SchedulerStatus } from "../../src/runs/state.js";
import type { Element } from "./jobs.js";
import type { JournalEvent, QueueStatus } from "./queue.js";

const WAITING = new Set([
  "PENDING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESV_DEL_HOLD",
  "SPECIAL_EXIT",
]);
const ON_A_NODE = new Set([
  ...["CONFIGURING", "RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING"],
  ...["COMPLETING", "STAGE_OUT"],
]);
const TAKEN_AWAY = new Set(["CANCELLED", "PREEMPTED", "REVOKED"]);

/**
 * A cell's status from its run directory, from squeue and from its script's journal. A result, and a live
 * process that holds the lock, take precedence over Slurm. The caller must read the queue before the
 * directory.
 */
export function merged(
  files: RunStatus,
  element: Element,
  word: QueueStatus | undefined,
  noted: JournalEvent | undefined,
): RunStatus {
  if (files.state === "done" || files.state === "unreadable") return files;
  const job = word?.job ?? `${element.submission.job ?? element.submission.name}_${element.index}`;
  const scheduler = (rest: Partial<SchedulerStatus>): SchedulerStatus => ({
    job,
    live: false,
    restarts: 0,
    ...rest,
  });
  if (word === undefined) {
    const neverSeen = element.submission.job === null && noted === undefined;
    return neverSeen ? files : forgotten(files, scheduler({}), noted);
  }
  const { state, reason, restarts, nodes } = word;
  const known = scheduler({ live: true, restarts, ...(nodes !== "" && { nodes }) });
  if (WAITING.has(state)) {
    if (reason === "DependencyNeverSatisfied") return cancelled(files, { ...known, live: false, reason });
    if (files.state === "running") return { ...files, scheduler: known };
    const own = { ...known, reason: isHeld(word) ? "held" : reason };
    return { ...files, state: files.state === "failed" ? "queued" : files.state, scheduler: own };
  }
  if (ON_A_NODE.has(state)) {
    const ending = state === "COMPLETING" && files.state !== "running";
    if (ending) return { ...files, scheduler: { ...known, reason: "ending" } };
    return { ...withoutFailure(files), state: "running", scheduler: known };
  }
  const ended = { ...known, live: false };
  if (files.state === "running") return files;
  if (TAKEN_AWAY.has(state)) return cancelled(files, { ...ended, reason });
  if (state === "COMPLETED" || files.state === "failed") return { ...files, scheduler: ended };
  return failed(
    files,
    ended,
    state,
    `its job ${job} ended with ${state}; see the sweep's job-*.log for Slurm's output`,
  );
}

/** For an element that the queue does not list: it ended minutes ago, or was cancelled before it started. */
function forgotten(files: RunStatus, scheduler: SchedulerStatus, noted: JournalEvent | undefined): RunStatus {
  if (files.state === "running" || files.state === "failed" || noted === "done") return files;
  if (noted !== "started") return cancelled(files, scheduler);
  return failed(
    files,
    scheduler,
    "GONE",
    `its job ${scheduler.job} ended without a result: it was killed, or its node failed`,
  );
}

function cancelled(files: RunStatus, scheduler: SchedulerStatus): RunStatus {
  if (files.state === "running") return files;
  return { ...withoutFailure(files), state: "cancelled", scheduler };
}

function failed(files: RunStatus, scheduler: SchedulerStatus, state: string, message: string): RunStatus {
  const failure = { code: `slurm ${state}`, message, time: new Date().toISOString() };
  return { ...files, state: "failed", failure, scheduler };
}

function withoutFailure({ failure: _, ...files }: RunStatus): RunStatus {
  return files;
}

function isHeld({ state, reason }: QueueStatus): boolean {
  return /HOLD|SPECIAL_EXIT/.test(state) || /^JobHeld|held/i.test(reason);
}
