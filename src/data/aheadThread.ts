import { existsSync } from "node:fs";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Batch } from "./types.js";

/** Asks a worker to end itself. */
export const STOP = "stop";

/** A worker's file beside the one that names it: `.js` when built, `.ts` in tests; null where it can't be found. */
export function workerFile(name: string, beside: string): URL | null {
  const file = new URL(`${name}${extname(beside)}`, beside);
  return existsSync(file) ? file : null;
}

interface Owed<Made> {
  /** Null where the thread died over it. */
  readonly batch: Promise<Made | null>;
  readonly settle: (batch: Made | null) => void;
}

/**
 * A thread that makes batches while this one is held by a training step. A thread that cannot start, or dies, costs time
 * only: what it owes is made here, to the same bits.
 */
export class AheadThread<Made extends Batch> {
  readonly #make: (index: number) => Made | Promise<Made>;
  readonly #worker: Worker;
  readonly #owed = new Map<number, Owed<Made>>();
  #alive = true;

  constructor(file: URL, data: object, make: (index: number) => Made | Promise<Made>) {
    this.#make = make;
    this.#worker = new Worker(file, { workerData: data, name: "n2uq batches" });
    this.#worker.on("message", (batch: Made) => this.#owed.get(batch.index)?.settle(batch));
    this.#worker.on("error", () => this.#giveUp());
    this.#worker.on("exit", () => this.#giveUp());
    // An iterator that is dropped half-way keeps no process alive.
    this.#worker.unref();
  }

  /** Asks for a batch, so that it is ready when it is taken. */
  order(index: number): void {
    let settle: Owed<Made>["settle"] = () => {};
    const batch = new Promise<Made | null>((resolve) => {
      settle = resolve;
    });
    this.#owed.set(index, { batch, settle });
    if (this.#alive) this.#worker.postMessage(index);
    else settle(null);
  }

  /** Hands over a batch that was ordered. */
  async take(index: number): Promise<Made> {
    this.#worker.ref();
    const batch = await this.#owed.get(index)?.batch;
    this.#worker.unref();
    this.#owed.delete(index);
    return batch ?? this.#make(index);
  }

  /** Ends the thread; done when it is gone. A patient one finishes the images it has begun. */
  async close(patient = false): Promise<void> {
    const wasAlive = this.#alive;
    this.#giveUp();
    if (patient && wasAlive) {
      this.#worker.ref();
      const gone = new Promise((resolve) => this.#worker.once("exit", resolve));
      this.#worker.postMessage(STOP);
      await gone;
    } else await this.#worker.terminate();
  }

  #giveUp(): void {
    this.#alive = false;
    for (const { settle } of this.#owed.values()) settle(null);
  }
}
