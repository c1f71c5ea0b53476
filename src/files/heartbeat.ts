import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import type { LockProgress } from "./holder.js";
import type { Held } from "./lockFile.js";
import { type Loss, SharedProgress } from "./sharedProgress.js";
import { signOfLife } from "./signOfLife.js";
import { workerFile } from "./workerFile.js";

/** Input of the worker thread. */
export interface HeartbeatData extends Held {
  readonly memory: SharedArrayBuffer;
}

const FILE = workerFile("./heartbeatWorker", import.meta.url);

/**
 * Writes the heartbeats of a lock from a separate thread, so that they continue while long work (scanning
 * data, validation, a blocking step) blocks this thread. Does not keep the process alive. If the thread
 * cannot start, this thread writes heartbeats when the progress is set.
 */
export class Heartbeat {
  readonly #held: Held;
  readonly #shared = new SharedProgress();
  #worker: Worker | null = null;
  #last = performance.now();
  #beats = 0;

  constructor(held: Held) {
    this.#held = held;
    try {
      if (FILE !== null) this.#start(FILE);
    } catch {
      this.#worker = null;
    }
  }

  /** Why this process lost the lock, according to the last heartbeat; null while it holds it. */
  get loss(): Loss | null {
    return this.#shared.loss;
  }

  set progress(progress: LockProgress) {
    this.#shared.progress = progress;
    if (this.#worker === null) this.#beatHere();
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(file: URL): void {
    const data: HeartbeatData = { ...this.#held, memory: this.#shared.memory };
    // The thread must not inherit this process's options, such as a debugger or a preloaded module.
    const options = {
      workerData: data,
      name: "n2uq lock",
      ...(file.pathname.endsWith(".js") && { execArgv: [] }),
    };
    const worker = new Worker(file, options);
    const end = () => {
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on("error", end);
    worker.on("exit", end);
    worker.unref();
    this.#worker = worker;
  }

  #beatHere(): void {
    const { file, holder } = this.#held;
    if (performance.now() - this.#last < holder.every) return;
    this.#last = performance.now();
    this.#beats += 1;
    const found = signOfLife(file, holder, this.#beats, this.#shared.progress);
    if (found === "gone" || found === "taken") this.#shared.loss = found;
  }
}
