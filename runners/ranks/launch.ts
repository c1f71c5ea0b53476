import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { engines } from "../../src/engines/engines.js";
import type { Meeting, RankMaker, Ranks } from "../../src/engines/ranks.js";
import type { EngineName, LoadedEngine } from "../../src/engines/types.js";
import { N2uqError } from "../../src/errors.js";
import { rankCount } from "../../src/resolve/ranks.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import { otherNodes, ownAddress, startNodes } from "./nodes.js";
import type { RankProcess, Warning } from "./process.js";
import { startRank } from "./process.js";

const LOOK_EVERY_MS = 20;
/** How long rank 0, with all that it needs, waits until the others have theirs. */
const READY_MS = 10 * 60_000;
/** How long the end of finished ranks is waited for. */
const END_MS = 5000;
/** How long that of a lost one, to tell how it ended: on a busy machine srun takes its time. */
const LOST_MS = 30_000;

/** How an engine's processes train together. @throws N2uqError N2UQ_RANKS_ENGINE */
export async function rankMaker({ devices, nodes, engine }: ResolvedExperiment): Promise<RankMaker> {
  const maker = await engines[engine as EngineName].ranks?.();
  if (maker !== undefined) return maker;
  const [key, count] = devices > 1 ? ["devices", devices] : ["nodes", nodes];
  throw new N2uqError("N2UQ_RANKS_ENGINE", { key, count, engine });
}

/** The word that a rank leaves when it has all it needs. */
export function readyWord(rank: number): string {
  return `ready/${rank}`;
}

/** Where rank 0 is, and who the others are. */
interface Place {
  /** Its address, for other machines; absent where there are none. */
  readonly host?: string;
  /** The other nodes. */
  readonly names: readonly string[];
}

/** @throws N2uqError N2UQ_RANKS_NODES */
async function placeOf(nodes: number): Promise<Place> {
  if (nodes === 1) return { names: [] };
  return { names: await otherNodes(nodes), host: await ownAddress() };
}

/** This process as rank 0, and those that it starts as the others. */
export class Launch {
  /** The engine as the ranks have it: its threads are divided among those of a node. */
  readonly engine: LoadedEngine;
  readonly #devices: number;
  readonly #world: number;
  readonly #names: readonly string[];
  readonly #meeting: Meeting;
  readonly #processes: RankProcess[] = [];
  /** Whether one of them has ended. */
  #ended = false;
  #joined = false;
  readonly #kill = () => {
    for (const process of this.#processes) process.kill();
  };

  /** Opens the ranks' meeting. @throws N2uqError N2UQ_RANKS_ENGINE, N2UQ_RANKS_NODES, N2UQ_RANKS_UNAVAILABLE */
  static async prepare(resolved: ResolvedExperiment, engine: LoadedEngine): Promise<Launch> {
    const maker = await rankMaker(resolved);
    const { host, names } = await placeOf(resolved.nodes);
    return new Launch(resolved, engine, maker, names, await maker.open(host));
  }

  private constructor(
    resolved: ResolvedExperiment,
    engine: LoadedEngine,
    maker: RankMaker,
    names: readonly string[],
    meeting: Meeting,
  ) {
    const { devices, nodes } = resolved;
    this.#devices = devices;
    this.#names = names;
    this.#world = rankCount(resolved);
    this.#meeting = meeting;
    const threads = maker.share(devices);
    const one = engine.capabilities.gpu
      ? "GPU (libtorch)"
      : `CPU (${threads} thread${threads === 1 ? "" : "s"}, libtorch)`;
    this.engine = {
      ...engine,
      device: `${this.#world} × ${one}${nodes === 1 ? "" : ` on ${nodes} nodes`}`,
      capabilities: { ...engine.capabilities, threads },
    };
  }

  /** Starts the other ranks on the run that is written down in a directory. */
  start(directory: string, models: string, onWarning: (event: Warning) => void): void {
    process.on("exit", this.#kill);
    const { threads } = this.engine.capabilities;
    const run = { directory, models, world: this.#world, meeting: this.#meeting.place, threads, onWarning };
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
   * Waits until all have what they need, and joins them.
   * @throws N2uqError N2UQ_RANKS_LOST, N2UQ_RANKS_INTERRUPTED when the signal is raised
   */
  async join(signal: AbortSignal): Promise<Ranks> {
    const patience = () => {
      if (signal.aborted) throw new N2uqError("N2UQ_RANKS_INTERRUPTED");
      if (this.#ended) throw new N2uqError("N2UQ_RANKS_LOST", { who: "a rank", how: "is gone" });
    };
    const started = performance.now();
    for (let rank = 1; rank < this.#world; rank++) {
      while (!(await this.#meeting.told(readyWord(rank), patience))) {
        patience();
        if (performance.now() - started > READY_MS) {
          const how = `did not come within ${READY_MS / 60_000} minutes`;
          throw new N2uqError("N2UQ_RANKS_LOST", { who: `rank ${rank} of ${this.#world}`, how });
        }
        await wait(LOOK_EVERY_MS);
      }
    }
    const ranks = await this.#meeting.join(0, this.#world, patience);
    this.#joined = true;
    return ranks;
  }

  /** Ends what is left of the other ranks: those that never joined at once. */
  async close(): Promise<void> {
    const all = Promise.all(this.#processes.map(({ ended }) => ended));
    if (this.#joined) await Promise.race([all, wait(END_MS, undefined, { ref: false })]);
    this.#kill();
    await all;
    process.off("exit", this.#kill);
    this.#meeting.leave();
  }

  /** An error of this rank's; where another one is lost, which, and how it ended. */
  async explained(error: unknown): Promise<unknown> {
    if (!(error instanceof N2uqError) || error.code !== "N2UQ_RANKS_LOST") return error;
    // One that ended for want of another is not the one that was lost.
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
