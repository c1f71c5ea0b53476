import workerThreads, { type Worker } from "node:worker_threads";

/** The workers that TensorFlow.js's threaded build creates while it loads. */
const CREATED = 8;

/** The workers of one threaded module; only as many of them are threads of the process as wanted. */
export class ThreadPool {
  readonly #script: string;
  #idle: number;
  readonly #threads: Worker[] = [];
  readonly #Worker = workerThreads.Worker;
  #fail: (error: Error) => void = () => {};
  /** Rejects if a worker fails before `finish`. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  /** @param wanted the number of threads besides the main thread, at most 7 */
  constructor(script: string, wanted: number) {
    this.#script = script;
    this.#idle = CREATED - wanted;
    this.failed.catch(() => {});
  }

  /**
   * Runs `make`, which creates all workers with the class that `node:worker_threads` exports. Restores that
   * export and the global `Worker`, which Emscripten's start-up code sets.
   */
  during<Value>(make: () => Value): Value {
    const former = Object.getOwnPropertyDescriptor(globalThis, "Worker");
    workerThreads.Worker = new Proxy(this.#Worker, { construct: () => this.#create() });
    try {
      return make();
    } finally {
      workerThreads.Worker = this.#Worker;
      if (former === undefined) Reflect.deleteProperty(globalThis, "Worker");
      else Object.defineProperty(globalThis, "Worker", former);
    }
  }

  /** Removes the workers that are no threads from the module's list, from whose end it takes them. */
  finish(PThread: { unusedWorkers: unknown[] }): void {
    PThread.unusedWorkers = PThread.unusedWorkers.filter((one) => !(one instanceof NoThread));
    for (const worker of this.#threads) worker.off("error", this.#fail);
  }

  /** Lets the process end while the threads wait for work. */
  release(): void {
    for (const worker of this.#threads) worker.unref();
  }

  end(): void {
    for (const worker of this.#threads) void worker.terminate();
  }

  #create(): Worker | NoThread {
    if (this.#idle > 0) {
      this.#idle -= 1;
      return new NoThread();
    }
    const worker = new this.#Worker(this.#script, { eval: true, execArgv: [], name: "wasm" });
    this.#threads.push(worker);
    worker.on("error", this.#fail);
    // Emscripten's own listener would throw the error, so that nobody could catch it.
    const on = worker.on.bind(worker);
    worker.on = ((event: string, listener: (value: unknown) => void) =>
      event === "error" ? worker : on(event, listener)) as Worker["on"];
    return worker;
  }
}

/** Replaces a worker that gets no work: it only reports that it has loaded. */
class NoThread {
  onmessage?: (event: { readonly data: { readonly cmd: "loaded" } }) => void;
  on(): void {}
  unref(): void {}
  terminate(): void {}
  postMessage(): void {
    queueMicrotask(() => this.onmessage?.({ data: { cmd: "loaded" } }));
  }
}
