import { resolve } from "node:path";
import { usePlugins } from "../../runners/project.js";
import { EXIT_LOCKED } from "../../runners/sweep/process.js";
import { runCell } from "../../runners/sweep/worker.js";
import { N2uqError } from "../../src/errors.js";
import type { TrainEvent } from "../../src/runs/events.js";
import { command, list, text } from "../command.js";
import { Output } from "../output.js";
import { writesToFile } from "../signals.js";

const SEND_EVERY_MS = 200;

/**
 * `n2uq cell DIRECTORY`, started by a sweep: runs the cell that was queued there. On a stop request (a
 * message, the parent's channel closing, SIGTERM, SIGUSR1) it writes a checkpoint and exits with 130.
 */
export const cell = command({
  options: { models: text("<folder>", "", { required: true }), plugin: list("<file>", "") },
  async run({ models, plugin = [] }, _output, directory: string) {
    const output = new Output({ quiet: true });
    const controller = new AbortController();
    const stop = () => controller.abort();
    // A terminal sends its signals to the whole process group; the parent decides what to do.
    const led = process.send !== undefined;
    for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (!led && !(signal === "SIGHUP" && writesToFile())) stop();
      });
    }
    for (const signal of ["SIGTERM", "SIGUSR1"] as const) process.on(signal, stop);
    process.on("message", stop);
    process.on("disconnect", stop);
    // The parent may have died before this process registered its handlers.
    if (led && !process.connected) stop();
    try {
      await usePlugins(plugin);
      await runCell(directory, { models: resolve(models), signal: controller.signal, emit: sender() });
      return 0;
    } catch (error) {
      const locked =
        error instanceof N2uqError &&
        (error.code === "N2UQ_RUN_LOCKED" || error.code === "N2UQ_RUN_LOCK_LOST");
      if (!locked) throw error;
      output.error(error.message);
      return EXIT_LOCKED;
    } finally {
      if (process.connected) process.disconnect();
    }
  },
});

/** Sends events to the parent; step events only a few times per second. */
function sender(): (event: TrainEvent) => void {
  let last = 0;
  return (event) => {
    if (!process.connected) return;
    const frequent = event.type === "step" || event.type === "evaluating";
    if (frequent && Date.now() - last < SEND_EVERY_MS) return;
    if (frequent) last = Date.now();
    process.send?.(event);
  };
}
