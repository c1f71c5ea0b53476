import { Worker } from "node:worker_threads";
import { orElse } from "../attempt.js";
import { N2uqError } from "../errors.js";

/** Asks a worker to exit. */
export const STOP = "stop";

/** Correlation id of request and reply. */
interface Numbered {
  readonly index: number;
}

interface Owed<Order, Made> {
  readonly order: Order;
  /** Null if the thread died before the batch was ready. */
  readonly made: Promise<Made | null>;
  readonly settle: (made: Made | null) => void;
}

/**
 * A worker thread that prefetches batches, or parts of them, during training steps. If the thread cannot
 * start or dies, outstanding batches are produced on this thread, bit-identically.
 */
export class PrefetchWorker<Order extends Numbered, Made extends Numbered> {
  readonly #make: (request: Order) => Made | Promise<Made>;
  /** Null if the thread could not be started because of a lack of memory or threads. */
  readonly #worker: Worker | null;
  readonly #owed = new Map<number, Owed<Order, Made>>();
  #alive = true;

  constructor(file: URL, data: object, make: (request: Order) => Made | Promise<Made>) {
    this.#make = make;
    this.#worker = orElse(() => new Worker(file, { workerData: data, name: "n2uq batches" }), null);
    this.#worker?.on("message", (made: Made) => this.#owed.get(made.index)?.settle(made));
    this.#worker?.on("error", () => this.#giveUp());
    this.#worker?.on("exit", () => this.#giveUp());
    // An abandoned iterator must not keep the process alive.
    this.#worker?.unref();
    if (this.#worker === null) this.#giveUp();
  }

  /** Requests a batch that will be received later. */
  order(order: Order): void {
    let settle: Owed<Order, Made>["settle"] = () => {};
    const made = new Promise<Made | null>((resolve) => {
      settle = resolve;
    });
    this.#owed.set(order.index, { order, made, settle });
    if (this.#alive) this.#worker?.postMessage(order);
    else settle(null);
  }

  /** Returns the batch that was requested under this number. */
  async receive(index: number): Promise<Made> {
    const owed = this.#owed.get(index);
    if (owed === undefined)
      throw new N2uqError("N2UQ_INTERNAL", { message: `batch ${index} was not ordered` });
    this.#worker?.ref();
    const made = await owed.made;
    this.#worker?.unref();
    this.#owed.delete(index);
    return made ?? this.#make(owed.order);
  }

  /**
   * Stops the thread and resolves when it has exited. With `patient`, the thread first finishes the images in
   * progress.
   */
  async close(patient = false): Promise<void> {
    const wasAlive = this.#alive;
    const worker = this.#worker;
    this.#giveUp();
    if (patient && wasAlive && worker !== null) {
      worker.ref();
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      worker.postMessage(STOP);
      await exited;
    } else await worker?.terminate();
  }

  #giveUp(): void {
    this.#alive = false;
    for (const { settle } of this.#owed.values()) settle(null);
  }
}
