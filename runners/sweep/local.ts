import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RunDirectory } from "../../src/runs/runDirectory.js";
import { statusOf } from "../../src/runs/state.js";
import type { LedgerCell } from "./ledger.js";
import type { Placement, Runner } from "./placement.js";
import type { CellProcess, Ended } from "./process.js";
import { EXIT_INTERRUPTED, EXIT_LOCKED, EXIT_WRONG_INPUT, logOf, startCell } from "./process.js";

/** Maximum memory of a process with a small network. */
const BYTES_A_JOB = 1.5e9;
/** Polling interval for a cell that another process runs. */
const LOOK_EVERY_MS = 1000;

/** Default number of processes: one per core, but not more than fit in memory. */
export function defaultJobs(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor((0.8 * totalmem()) / BYTES_A_JOB)));
}

/** Runs cells as processes of this machine, `jobs` at a time, each after its prerequisites. */
export const local: Runner = async (placement) => {
  const pool = new Pool(placement);
  const stop = () => pool.stop();
  const kill = () => pool.kill();
  placement.signal.addEventListener("abort", stop);
  process.on("exit", kill);
  try {
    await pool.run();
  } finally {
    placement.signal.removeEventListener("abort", stop);
    process.off("exit", kill);
  }
};

class Pool {
  readonly #placement: Placement;
  readonly #waiting: Set<LedgerCell>;
  readonly #running = new Map<LedgerCell, Promise<void>>();
  readonly #processes = new Map<LedgerCell, CellProcess>();
  readonly #done = new Set<string>();
  readonly #failed = new Set<string>();
  /** Hashes of this placement's cells; prerequisites outside of it are already done. */
  readonly #own: ReadonlySet<string>;

  constructor(placement: Placement) {
    this.#placement = placement;
    this.#waiting = new Set(placement.cells);
    this.#own = new Set(placement.cells.map(({ hash }) => hash));
  }

  async run(): Promise<void> {
    for (;;) {
      this.#startReady();
      if (this.#running.size === 0) break;
      await Promise.race(this.#running.values());
    }
  }

  stop(): void {
    for (const process of this.#processes.values()) process.stop();
  }

  kill(): void {
    for (const process of this.#processes.values()) process.kill();
  }

  /** Cells are sorted with prerequisites first, so one pass is enough. */
  #startReady(): void {
    const { jobs, signal, emit, runs } = this.#placement;
    for (const cell of this.#waiting) {
      if (signal.aborted || this.#halted() || this.#running.size >= jobs) return;
      const broken = cell.needs.find((hash) => this.#failed.has(hash));
      if (broken !== undefined) {
        this.#waiting.delete(cell);
        this.#failed.add(cell.hash);
        emit({ type: "blocked", cell, by: broken });
        continue;
      }
      if (!cell.needs.every((hash) => this.#done.has(hash) || !this.#own.has(hash))) continue;
      this.#waiting.delete(cell);
      const { record } = statusOf(join(runs, cell.directory));
      if (record === undefined) {
        this.#running.set(
          cell,
          this.#runToEnd(cell).finally(() => this.#running.delete(cell)),
        );
        continue;
      }
      this.#done.add(cell.hash);
      emit({ type: "done", cell, record, cached: true });
    }
  }

  #halted(): boolean {
    return this.#placement.failFast && this.#failed.size > 0;
  }

  async #runToEnd(cell: LedgerCell): Promise<void> {
    const { runs, retries, signal, emit } = this.#placement;
    const directory = join(runs, cell.directory);
    for (let attempt = 1; ; attempt++) {
      const ended = await this.#runOnce(cell, directory, attempt);
      const { record } = statusOf(directory);
      if (record !== undefined) {
        this.#done.add(cell.hash);
        emit({ type: "done", cell, record, cached: false });
        return;
      }
      if (signal.aborted) {
        emit({ type: "interrupted", cell });
        return;
      }
      if (ended.code === EXIT_LOCKED) {
        attempt -= 1;
        await wait(LOOK_EVERY_MS);
        continue;
      }
      const message = await failureOf(directory, ended);
      const hopeless = ended.code === EXIT_WRONG_INPUT;
      const retried = attempt <= retries && !hopeless && !this.#halted();
      emit({ type: "failed", cell, message, log: logOf(directory), retried });
      if (retried) continue;
      this.#failed.add(cell.hash);
      return;
    }
  }

  async #runOnce(cell: LedgerCell, directory: string, attempt: number): Promise<Ended> {
    const { models, jobs, signal, emit } = this.#placement;
    if (statusOf(directory).state === "running") {
      emit({ type: "elsewhere", cell });
      while (statusOf(directory).state === "running" && !signal.aborted) await wait(LOOK_EVERY_MS);
      return { code: EXIT_LOCKED, signal: null };
    }
    emit({ type: "started", cell, attempt });
    const process = startCell(directory, models, jobs, (event) => emit({ type: "progress", cell, event }));
    this.#processes.set(cell, process);
    if (signal.aborted) process.stop();
    return process.ended.finally(() => this.#processes.delete(cell));
  }
}

/** Failure message from failed.json; written here if the process died without one. */
async function failureOf(directory: string, { code, signal, message: reported }: Ended): Promise<string> {
  const { failure, problem } = statusOf(directory);
  if (problem !== undefined) return problem;
  if (failure !== undefined) return failure.message;
  if (reported !== undefined) return reported;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const message =
    code === EXIT_INTERRUPTED ? "a process other than n2uq stopped it" : `its process ended with ${how}`;
  const death = { code: how, message, time: new Date().toISOString() };
  // On a full disk the failure is reported all the same, and the run counts as interrupted.
  await new RunDirectory(directory).writeFailure(death).catch(() => {});
  return message;
}
