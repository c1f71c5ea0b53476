import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../src/folders.js";
import { packageRoot } from "../../src/package.js";
import { pluginArguments } from "../../src/plugins/loaded.js";
import type { TrainEvent } from "../../src/runs/events.js";
import { reasonOf } from "../systemErrors.js";

/** Exit code of a cell whose run directory another process holds. */
export const EXIT_LOCKED = 75;
/** Exit code of a cell with invalid input: a retry would fail the same way. */
export const EXIT_WRONG_INPUT = 2;
/** Exit code of a cell that was stopped and wrote its checkpoint. */
export const EXIT_INTERRUPTED = 130;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The cell's failure message, or why its process did not start. */
  readonly message?: string;
}

/** A cell in a separate process. */
export interface CellProcess {
  readonly ended: Promise<Ended>;
  /** Asks it to write a checkpoint and exit. */
  stop(): void;
  kill(): void;
}

/** The log file of a cell's process, by run directory. */
export function logOf(directory: string): string {
  return join(directory, "worker.log");
}

/**
 * Starts `n2uq cell`. The process writes a checkpoint and exits when the channel to this process closes, so
 * it does not outlive a killed parent.
 */
export function startCell(
  directory: string,
  models: string,
  jobs: number,
  onEvent: (event: TrainEvent) => void,
): CellProcess {
  makeFolder(directory);
  const log = openSync(logOf(directory), "a");
  const child: ChildProcess = fork(
    join(packageRoot(), "bin", "n2uq.js"),
    ["cell", directory, "--models", models, ...pluginArguments()],
    {
      stdio: ["ignore", log, log, "ipc"],
      // JSON would turn a NaN loss into null.
      serialization: "advanced",
      env: { ...process.env, ...threadsFor(jobs), NO_COLOR: "1" },
    },
  );
  closeSync(log);
  // If the disk is not writable, this is the only report of a cell's failure.
  let failure: { readonly message?: string } = {};
  child.on("message", (event: TrainEvent) => {
    if (event.type === "failed") failure = { message: event.message };
    onEvent(event);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("error", (error) => {
      resolve({ code: null, signal: null, message: `its process did not start: ${reasonOf(error)}` });
    });
    child.on("exit", (code, signal) => resolve({ code, signal, ...failure }));
  });
  return {
    ended,
    stop() {
      if (child.connected) child.send("stop", () => {});
    },
    kill() {
      child.kill("SIGKILL");
    },
  };
}

/** Environment variables that limit a process's libraries to its share of the cores. */
function threadsFor(jobs: number): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(availableParallelism() / jobs)));
  return { OMP_NUM_THREADS: threads, UV_THREADPOOL_SIZE: threads, TF_NUM_INTRAOP_THREADS: threads };
}
