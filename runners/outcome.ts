import { existsSync } from "node:fs";
import { N2uqError } from "../src/errors.js";
import { makeFolder } from "../src/folders.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { type Lock, lockRun } from "../src/runs/lock.js";
import { fixedSince } from "../src/runs/numerics.js";
import type { RunRecord } from "../src/runs/record.js";
import type { RunDirectory } from "../src/runs/runDirectory.js";
import type { Session } from "./session.js";
import { toldFailure as describedFailure, toWriteFailure } from "./writing.js";

/** Reports a run's earlier result, with its warnings. */
export function foundDone(
  session: Session,
  resolved: ResolvedExperiment,
  record: RunRecord,
  described: readonly (string | null)[],
): RunRecord {
  const fixed = fixedSince(record.numerics, resolved).map(
    (what) => `this result was computed before a fix: ${what}; \`--fresh\` repeats it`,
  );
  warn(session, resolved, [...described, ...fixed]);
  session.emit({ type: "done", run: resolved.name, record, cached: true });
  return record;
}

/** Emits warnings of a run. */
export function warn(
  session: Session,
  { name }: ResolvedExperiment,
  messages: readonly (string | null)[],
): void {
  for (const message of messages) if (message !== null) session.emit({ type: "warning", run: name, message });
}

/** Locks a run directory for this process. @throws N2uqError N2UQ_RUN_LOCKED, N2UQ_RUN_WRITE_FAILED */
export async function locked(directory: string, signal: AbortSignal): Promise<Lock> {
  try {
    makeFolder(directory);
    return await lockRun(directory, signal);
  } catch (error) {
    throw toWriteFailure(error, directory);
  }
}

/** Logs a failure and returns the error to throw; errors of a full or read-only disk get a code. */
export async function report(
  error: unknown,
  run: string,
  directory: RunDirectory,
  session: Session,
): Promise<unknown> {
  const described = describedFailure(error, directory.path);
  const interrupted = described instanceof N2uqError && described.exitCode === 130;
  try {
    const shown = described instanceof N2uqError ? described.code : "N2UQ_INTERNAL";
    const message = String((described as Error).message);
    if (interrupted) return described;
    session.emit({ type: "failed", run, code: shown, message });
    directory.record({ type: "failed", run, code: shown, message });
    await directory.writeFailure({ code: shown, message, time: new Date().toISOString() });
  } catch {
    // The log cannot be written either; the error itself states the cause.
  }
  return described;
}

/** Replaces the error about a lost lock by one about the directory if the directory no longer exists. */
export function goneOrLost(error: unknown, directory: string): unknown {
  return existsSync(directory) ? error : new N2uqError("N2UQ_RUN_GONE", { directory }, { cause: error });
}
