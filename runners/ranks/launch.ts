import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { engines } from "../../src/engines/engines.js";
import type { ProcessGroup, ProcessGroupFactory, Rendezvous } from "../../src/engines/ranks.js";
import { threadsText } from "../../src/engines/threads.js";
import type { EngineName, LoadedEngine } from "../../src/engines/types.js";
import { N2uqError } from "../../src/errors.js";
import { rankCount } from "../../src/resolve/ranks.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import { otherNodes, ownAddress, startNodes } from "./nodes.js";
import { type RankProcess, startRank, type Warning } from "./process.js";

const LOOK_EVERY_MS = 20;
/** Maximum time that rank 0, when it is ready, waits for the other ranks. */
const READY_MS = 10 * 60_000;
/** Maximum time to wait until finished ranks exit. */
const END_MS = 5000;
/** Maximum time to wait for the exit status of a lost rank; srun is slow on a busy machine. */
const LOST_MS = 30_000;

/** The engine's process group support. @throws N2uqError N2UQ_RANKS_ENGINE */
export async function rankMaker(resolved: ResolvedExperiment): Promise<ProcessGroupFactory> {
  const { devices, nodes, engine } = resolved;
  const maker = await engines[engine as EngineName].ranks?.();
  if (maker !== undefined) return maker;
  const [key, count] = devices > 1 ? ["devices", devices] : ["nodes", nodes];
  throw new N2uqError("N2UQ_RANKS_ENGINE", { key, count, engine });
}

/** The store key that a rank sets when it is ready. */
export function readyWord(rank: number): string {
  return `ready/${rank}`;
}

/** The names of the other nodes, and rank 0's address for them. @throws N2uqError N2UQ_RANKS_NODES */
async function placeOf(nodes: number) {
  if (nodes === 1) return { names: [] };
  return { names: await otherNodes(nodes), host: await ownAddress() };
}

/** This process as rank 0, and the other ranks that it starts. */
export class Launch {
  /** The engine with this node's threads divided among its ranks. */
  readonly engine: LoadedEngine;
  readonly #devices: number;
  readonly #world: number;
  readonly #names: readonly string[];
  readonly #meeting: Rendezvous;
  readonly #processes: RankProcess[] = [];
  #ended = false;
  #joined = false;
  readonly #kill = () => {
    for (const process of this.#processes) process.kill();
  };

  /**
   * Opens the ranks' rendezvous. @throws N2uqError N2UQ_RANKS_ENGINE, N2UQ_RANKS_NODES,
   * N2UQ_RANKS_UNAVAILABLE
   */
  static async prepare(resolved: ResolvedExperiment, engine: LoadedEngine): Promise<Launch> {
    const maker = await rankMaker(resolved);
    const { host, names } = await placeOf(resolved.nodes);
    return new Launch(resolved, engine, maker, names, await maker.create(host));
  }

  private constructor(
    resolved: ResolvedExperiment,
    engine: LoadedEngine,
    maker: ProcessGroupFactory,
    names: readonly string[],
    meeting: Rendezvous,
  ) {
    const { devices, nodes } = resolved;
    this.#devices = devices;
    this.#names = names;
    this.#world = rankCount(resolved);
    this.#meeting = meeting;
    const threads = maker.splitThreads(devices);
    const one = engine.capabilities.gpu ? "GPU (libtorch)" : `CPU (${threadsText(threads)}, libtorch)`;
    this.engine = {
      ...engine,
      device: `${this.#world} × ${one}${nodes === 1 ? "" : ` on ${nodes} nodes`}`,
      capabilities: { ...engine.capabilities, threads },
    };
  }

  /** Starts the other ranks on the queued run of a directory. */
  start(directory: string, models: string, onWarning: (event: Warning) => void): void {
    process.on("exit", this.#kill);
    const { threads } = this.engine.capabilities;
    const run = { directory, models, world: this.#world, meeting: this.#meeting.address, threads, onWarning };
    const add = (started: RankProcess) => {
      this.#processes.push(started);
      started.ended.then(() => {
        this.#ended = true;
      });
    };
    for (let rank = 1; rank < this.#devices; rank++) add(startRank(rank, run));
    if (this.#names.length > 0) add(startNodes(this.#names, this.#devices, run));
  }

  /**
   * Waits until all ranks are ready and creates the process group. @throws N2uqError N2UQ_RANKS_LOST,
   * N2UQ_RANKS_INTERRUPTED when the signal is aborted
   */
  async join(signal: AbortSignal): Promise<ProcessGroup> {
    const patience = () => {
      if (signal.aborted) throw new N2uqError("N2UQ_RANKS_INTERRUPTED");
      if (this.#ended) throw new N2uqError("N2UQ_RANKS_LOST", { who: "a rank", how: "ended" });
    };
    const started = performance.now();
    for (let rank = 1; rank < this.#world; rank++) {
      while (!(await this.#meeting.has(readyWord(rank), patience))) {
        patience();
        if (performance.now() - started > READY_MS) {
          const how = `did not connect within ${READY_MS / 60_000} minutes`;
          throw new N2uqError("N2UQ_RANKS_LOST", { who: `rank ${rank} of ${this.#world}`, how });
        }
        await wait(LOOK_EVERY_MS);
      }
    }
    const ranks = await this.#meeting.join(0, this.#world, patience);
    this.#joined = true;
    return ranks;
  }

  /** Stops the remaining ranks; immediately if the ranks have never joined. */
  async close(): Promise<void> {
    const all = Promise.all(this.#processes.map(({ ended }) => ended));
    if (this.#joined) await Promise.race([all, wait(END_MS, undefined, { ref: false })]);
    this.#kill();
    await all;
    process.off("exit", this.#kill);
    this.#meeting.destroy();
  }

  /** Returns the error of this rank; if another rank was lost, with that rank and how it exited. */
  async explained(error: unknown): Promise<unknown> {
    if (!(error instanceof N2uqError) || error.code !== "N2UQ_RANKS_LOST") return error;
    // Ranks that exited because a peer vanished are not the root cause.
    const lost = this.#processes.map(async ({ ended }) => {
      const end = await ended;
      if (end.code === error.code) throw error;
      return end;
    });
    const patience = wait(LOST_MS, undefined, { ref: false });
    const end = await Promise.race([Promise.any(lost).catch(() => undefined), patience]);
    if (end === undefined) return error;
    return new N2uqError(error.code, { who: end.who, how: end.how }, { cause: error });
  }
}
