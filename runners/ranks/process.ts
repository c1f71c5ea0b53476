import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/package.js";
import { pluginArguments } from "../../src/plugins/loaded.js";
import type { TrainEvent } from "../../src/runs/events.js";

/** How the process of a rank, or the processes of all other nodes, exited. */
export interface RankEnd {
  /** `rank 1 of 2 (process 4711)` */
  readonly who: string;
  readonly how: string;
  /** The error code that it reported, if any. */
  readonly code?: string;
}

export interface RankProcess {
  readonly ended: Promise<RankEnd>;
  kill(): void;
}

/** The run that the other ranks join. */
export interface RankRun {
  /** Absolute paths: the run directory, and the folder of weights added by hand. */
  readonly directory: string;
  readonly models: string;
  readonly world: number;
  /** The rendezvous: `host:port`, or `file:` and a path. */
  readonly meeting: string;
  /** Threads per operation. */
  readonly threads: number;
  readonly onWarning: (event: Warning) => void;
}

export type Warning = Extract<TrainEvent, { type: "warning" }>;

/** Messages from a rank's process to rank 0's. */
export type RankMessage =
  | Warning
  | { readonly type: "failed"; readonly rank: number; readonly code: string; readonly message: string };

/** The command of a rank's process, without its rank. */
export function rankCommand({ directory, models, world, meeting }: RankRun): string[] {
  const bin = join(packageRoot(), "bin", "n2uq.js");
  const place = ["--models", models, "--world", String(world), "--meeting", meeting];
  return [bin, "rank", directory, ...place, ...pluginArguments()];
}

/** `local` is the rank within its machine, which selects its GPU. */
export function rankEnvironment({ threads }: Pick<RankRun, "threads">, local?: number): NodeJS.ProcessEnv {
  const some = String(threads);
  const place = local === undefined ? {} : { LOCAL_RANK: String(local) };
  return { ...process.env, ...place, OMP_NUM_THREADS: some, UV_THREADPOOL_SIZE: some, NO_COLOR: "1" };
}

/**
 * Starts `n2uq rank` on this machine. The rank exits when the channel to this process closes, so it never
 * outlives this process.
 */
export function startRank(rank: number, run: RankRun): RankProcess {
  const file = join(run.directory, `rank-${rank}.log`);
  const log = openSync(file, "a");
  const [bin = "", ...command] = rankCommand(run);
  const child = fork(bin, [...command, "--rank", String(rank)], {
    stdio: ["ignore", log, log, "ipc"],
    env: rankEnvironment(run, rank),
  });
  closeSync(log);
  let failure: Extract<RankMessage, { type: "failed" }> | undefined;
  child.on("message", (message: RankMessage) => {
    if (message.type === "warning") run.onWarning(message);
    else failure = message;
  });
  const who = `rank ${rank} of ${run.world} (process ${child.pid})`;
  const ended = new Promise<RankEnd>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      if (failure !== undefined)
        return resolve({ who, how: `failed: ${failure.message}`, code: failure.code });
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve({ who, how: `ended with ${how}; its log is ${file}` });
    };
    child.on("error", () => end(null, null));
    // `close` is emitted after the channel is empty, so the last message was received.
    child.on("close", end);
  });
  return { ended, kill: () => void child.kill("SIGKILL") };
}
