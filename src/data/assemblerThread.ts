import { existsSync } from "node:fs";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type Assembly, assembleBatch } from "./assemble.js";
import type { Batch } from "./types.js";

const FILE = new URL(`./assembleWorker${extname(import.meta.url)}`, import.meta.url);

/** Whether a thread can assemble these batches: it must see the images without a copy. */
export function canRunAhead({ split }: Assembly): boolean {
  return split.images.buffer instanceof SharedArrayBuffer && existsSync(FILE);
}

interface Owed {
  /** Null where the thread died over it. */
  readonly batch: Promise<Batch | null>;
  readonly settle: (batch: Batch | null) => void;
}

/**
 * A thread that assembles batches while this one is held by a training step. A thread that cannot start, or dies, costs
 * time only: what it owes is assembled here, to the same bits.
 */
export class AssemblerThread {
  readonly #assembly: Assembly;
  readonly #worker: Worker;
  readonly #owed = new Map<number, Owed>();
  #alive = true;

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
    this.#worker = new Worker(FILE, { workerData: assembly, name: "n2uq batches" });
    this.#worker.on("message", (batch: Batch) => this.#owed.get(batch.index)?.settle(batch));
    this.#worker.on("error", () => this.#giveUp());
    this.#worker.on("exit", () => this.#giveUp());
    // An iterator that is dropped half-way keeps no process alive.
    this.#worker.unref();
  }

  /** Asks for a batch, so that it is ready when it is taken. */
  order(index: number): void {
    let settle: Owed["settle"] = () => {};
    const batch = new Promise<Batch | null>((resolve) => {
      settle = resolve;
    });
    this.#owed.set(index, { batch, settle });
    if (this.#alive) this.#worker.postMessage(index);
    else settle(null);
  }

  /** Hands over a batch that was ordered. */
  async take(index: number): Promise<Batch> {
    this.#worker.ref();
    const batch = await this.#owed.get(index)?.batch;
    this.#worker.unref();
    this.#owed.delete(index);
    return batch ?? assembleBatch(this.#assembly, index);
  }

  /** Ends the thread; done when it is gone. */
  async close(): Promise<void> {
    this.#giveUp();
    await this.#worker.terminate();
  }

  #giveUp(): void {
    this.#alive = false;
    for (const { settle } of this.#owed.values()) settle(null);
  }
}
