import { Worker } from "node:worker_threads";
import { orElse } from "../../attempt.js";
import { workerFile } from "../../files/workerFile.js";
import {
  DONE,
  JOBS,
  NO_PIECE,
  type OwnFunction,
  PIECE_BITS,
  type Shared,
  sharedBy,
  TICKET,
  takePieces,
  waitForChange,
  writeJob,
} from "./pieces.js";

/** Input of a team's worker: the compiled module, the memory of its tensors, and that of the protocol. */
export interface TeamData {
  readonly code: object;
  readonly memory: object;
  readonly control: SharedArrayBuffer;
}

const FILE = workerFile("./teamWorker", import.meta.url);

/** More pieces than threads, because another process may delay a thread. */
const PIECES_PER_THREAD = 4;

/** Work of a piece, in multiplications: some ten microseconds, which it takes to wake a thread. */
const PIECE = 200_000;

/**
 * The threads that compute the kernels of native/wasm. A job is divided into pieces, and every thread takes the
 * next piece when it is free. This thread takes pieces too, so a worker that has not started yet, or could not
 * start, delays nothing. No result depends on who computes a piece, or on their number.
 */
export class Team {
  readonly #names: readonly string[];
  readonly #functions: readonly OwnFunction[];
  readonly #threads: number;
  /** Null: this thread computes everything. */
  readonly #shared: Shared | null;
  #jobs = 0;

  /** @param data the module and its shared memory, for workers; null for one thread */
  constructor(
    functions: Readonly<Record<string, OwnFunction>>,
    threads: number,
    data: Omit<TeamData, "control"> | null,
  ) {
    this.#names = Object.keys(functions);
    this.#functions = Object.values(functions);
    this.#threads = threads;
    this.#shared = null;
    if (data === null || FILE === null) return;
    const { memory: control, ...shared } = sharedBy();
    this.#shared = shared;
    Atomics.store(shared.words, TICKET, NO_PIECE);
    for (let n = 1; n < threads; n++) start(FILE, { ...data, control });
  }

  /**
   * Calls the function for all items. @param work the number of multiplications of all items; little work is
   * not divided
   */
  run(name: string, values: readonly number[], items: number, work: number): void {
    const which = this.#names.indexOf(name);
    const most = Math.min(items, PIECES_PER_THREAD * this.#threads, Math.floor(work / PIECE));
    if (this.#shared === null || most < 2) {
      this.#functions[which]?.(...values, 0, items);
      return;
    }
    const { words } = this.#shared;
    this.#jobs += 1;
    const job = this.#jobs << PIECE_BITS;
    Atomics.store(words, TICKET, job | NO_PIECE);
    writeJob(this.#shared, which, items, most, values.length, ...values);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, TICKET, job);
    Atomics.add(words, JOBS, 1);
    Atomics.notify(words, JOBS);
    takePieces(this.#shared, this.#functions);
    for (let done = Atomics.load(words, DONE); done < most; done = Atomics.load(words, DONE))
      waitForChange(words, DONE, done);
  }
}

/** Starts a worker. If the system refuses it, the other threads compute its pieces. */
function start(file: URL, data: TeamData): void {
  // The thread must not inherit this process's options, such as a debugger or a preloaded module.
  const own = file.pathname.endsWith(".js") ? { execArgv: [] } : {};
  const worker = orElse(() => new Worker(file, { workerData: data, name: "n2uq kernels", ...own }), null);
  if (worker === null) return;
  const ignore = () => {};
  worker.on("error", ignore);
  worker.once("online", () => worker.off("error", ignore));
  worker.unref();
}
