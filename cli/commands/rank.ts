import { resolve } from "node:path";
import { usePlugins } from "../../runners/project.js";
import type { RankMessage } from "../../runners/ranks/process.js";
import { runRank } from "../../runners/ranks/rank.js";
import { N2uqError } from "../../src/errors.js";
import { command, integer, list, text } from "../command.js";
import { codedError } from "../failures.js";

/** The schema's maximum: 1024 devices on each of 4096 nodes. */
const MOST_RANKS = 2 ** 22;

/**
 * The connection to rank 0's process: the IPC channel of Node.js on the same machine, otherwise standard
 * input and output through srun.
 */
interface Channel {
  send(message: RankMessage): void;
  close(): void;
}

/**
 * `n2uq rank DIRECTORY`, started by rank 0 of a run. Rank 0 decides in each training step whether to stop; if
 * rank 0 exits, this process exits too.
 */
export const rank = command({
  // On rank 0's machine, `rank` is this process's rank; elsewhere, `first` is the rank of Slurm's first task.
  options: {
    models: text("<folder>", "", { required: true }),
    plugin: list("<file>", ""),
    rank: integer("<number>", "", 0, MOST_RANKS),
    first: integer("<number>", "", 0, MOST_RANKS),
    world: integer("<number>", "", 1, MOST_RANKS, { required: true }),
    meeting: text("<host:port>", "", { required: true }),
  },
  async run({ first = 0, plugin = [], ...options }, _output, directory: string) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1", "SIGQUIT", "SIGHUP"] as const)
      process.on(signal, () => {});
    const own = options.rank ?? first + Number(process.env.SLURM_PROCID);
    if (options.rank === undefined) process.env.LOCAL_RANK = process.env.SLURM_LOCALID ?? "0";
    const models = resolve(options.models);
    const { send, close } = process.send === undefined ? throughPipes() : throughNode();
    try {
      await usePlugins(plugin);
      await runRank(directory, { ...options, models, rank: own, onWarning: send });
    } catch (error) {
      const known = codedError(error);
      const code = known instanceof N2uqError ? known.code : "N2UQ_INTERNAL";
      send({ type: "failed", rank: own, code, message: known.message });
      throw error;
    } finally {
      close();
    }
  },
});

function throughNode(): Channel {
  const leave = () => process.exit(1);
  process.on("disconnect", leave);
  // Rank 0 may have died before this process registered its handlers.
  if (!process.connected) leave();
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, () => {});
    },
    close: () => {
      process.off("disconnect", leave);
      if (process.connected) process.disconnect();
    },
  };
}

function throughPipes(): Channel {
  const leave = () => process.exit(1);
  process.stdin.on("end", leave).resume();
  return {
    send: (message) => void process.stdout.write(`${JSON.stringify(message)}\n`),
    close: () => void process.stdin.off("end", leave).destroy(),
  };
}
