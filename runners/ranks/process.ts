import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/package.js";
import type { TrainEvent } from "../../src/train/events.js";

/** How a rank's process ended, in its own words where it had any. */
export interface RankEnd {
  readonly rank: number;
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface RankProcess {
  readonly ended: Promise<RankEnd>;
  kill(): void;
}

export interface RankPlace {
  readonly rank: number;
  readonly world: number;
  /** Where the ranks meet: `host:port`. */
  readonly meeting: string;
  /** Of one operation. */
  readonly threads: number;
}

/** What a rank's process sends to rank 0's. */
export type RankMessage =
  | Extract<TrainEvent, { type: "warning" }>
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** What a rank's process writes to its log. */
export function rankLog(directory: string, rank: number): string {
  return join(directory, `rank-${rank}.log`);
}

/** Starts `n2uq rank`. The process ends when the channel to this one closes, so none is left behind. */
export function startRank(
  directory: string,
  models: string,
  { rank, world, meeting, threads }: RankPlace,
  onWarning: (event: Extract<TrainEvent, { type: "warning" }>) => void,
): RankProcess {
  const log = openSync(rankLog(directory, rank), "a");
  const place = ["--rank", String(rank), "--world", String(world), "--meeting", meeting];
  const child = fork(
    join(packageRoot(), "bin", "n2uq.js"),
    ["rank", directory, "--models", models, ...place],
    {
      stdio: ["ignore", log, log, "ipc"],
      env: {
        ...process.env,
        OMP_NUM_THREADS: String(threads),
        UV_THREADPOOL_SIZE: String(threads),
        NO_COLOR: "1",
      },
    },
  );
  closeSync(log);
  let failure: RankEnd["failure"];
  child.on("message", (message: RankMessage) => {
    if (message.type === "warning") onWarning(message);
    else failure = { code: message.code, message: message.message };
  });
  const ended = new Promise<RankEnd>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({ rank, pid: child.pid, code, signal, ...(failure && { failure }) });
    child.on("error", () => end(null, null));
    // Once its channel is empty, so that what it said of its end has been heard.
    child.on("close", end);
  });
  return { ended, kill: () => void child.kill("SIGKILL") };
}
