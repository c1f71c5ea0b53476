import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../src/folders.js";
import { packageRoot } from "../../src/package.js";
import type { TrainEvent } from "../../src/runs/events.js";
import { reasonOf } from "../systemErrors.js";

/** Exit code of a cell whose run directory another process holds. */
export const EXIT_LOCKED = 75;
/** Exit code of a cell whose input is wrong: trying it again comes to the same. */
export const EXIT_WRONG_INPUT = 2;
/** Exit code of a cell that was asked to stop and wrote its checkpoint. */
export const EXIT_INTERRUPTED = 130;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the cell told of its failure, or why its process was not started. */
  readonly message?: string;
}

/** A cell in a process of its own. */
export interface CellProcess {
  readonly ended: Promise<Ended>;
  /** Asks it to write a checkpoint and end. */
  stop(): void;
  kill(): void;
}

/** What a cell's process writes to its log, by run directory. */
export function logOf(directory: string): string {
  return join(directory, "worker.log");
}

/**
 * Starts `n2uq cell`. The process ends with a checkpoint when the channel to this one closes, so none is left behind by a
 * killed parent.
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
    ["cell", directory, "--models", models],
    {
      stdio: ["ignore", log, log, "ipc"],
      // JSON would turn the loss NaN into null.
      serialization: "advanced",
      env: { ...process.env, ...threadsFor(jobs), NO_COLOR: "1" },
    },
  );
  closeSync(log);
  // On a disk that can't be written, this is the only place where a cell's failure is told.
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

/** Each process's share of the cores, for the libraries that start threads of their own. */
function threadsFor(jobs: number): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(availableParallelism() / jobs)));
  return { OMP_NUM_THREADS: threads, UV_THREADPOOL_SIZE: threads, TF_NUM_INTRAOP_THREADS: threads };
}
