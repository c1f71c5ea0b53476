import { resolve } from "node:path";
import type { RankMessage } from "../../../runners/ranks/process.js";
import { runRank } from "../../../runners/ranks/rank.js";
import { N2uqError } from "../../errors.js";

export interface RankOptions {
  readonly models: string;
  readonly rank: number;
  readonly world: number;
  readonly meeting: string;
}

/**
 * `n2uq rank DIRECTORY`, what rank 0 of a run starts the others with. When to stop is rank 0's to say, in the training step; a
 * process whose rank 0 is gone has nothing left to do.
 */
export async function rank(directory: string, options: RankOptions): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit(1));
  const send = (message: RankMessage) => {
    if (process.connected) process.send?.(message, () => {});
  };
  try {
    await runRank(directory, { ...options, models: resolve(options.models), onWarning: send });
  } catch (error) {
    const code = error instanceof N2uqError ? error.code : "N2UQ_INTERNAL";
    send({ type: "failed", code, message: String((error as Error).message) });
    throw error;
  } finally {
    process.removeAllListeners("disconnect");
    if (process.connected) process.disconnect();
  }
}
