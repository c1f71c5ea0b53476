import { setTimeout as wait } from "node:timers/promises";
import { engines } from "../../src/engines/engines.js";
import type { Meeting, RankMaker, Ranks } from "../../src/engines/ranks.js";
import type { EngineName, LoadedEngine } from "../../src/engines/types.js";
import { N2uqError } from "../../src/errors.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import type { Emit } from "../../src/train/events.js";
import type { RankEnd, RankProcess } from "./process.js";
import { rankLog, startRank } from "./process.js";

const HERE = "127.0.0.1";
const LOOK_EVERY_MS = 20;
/** How long the end of a lost rank is waited for, to tell how it ended; and that of a finished one. */
const END_MS = 5000;

/** How an engine's processes train together. @throws N2uqError N2UQ_RANKS_ENGINE */
export function rankMaker({ devices, engine }: Pick<ResolvedExperiment, "devices" | "engine">): RankMaker {
  const { ranks } = engines[engine as EngineName];
  if (ranks === undefined) throw new N2uqError("N2UQ_RANKS_ENGINE", { devices, engine });
  return ranks;
}

/** The word that a rank leaves when it has all it needs. */
export function readyWord(rank: number): string {
  return `ready/${rank}`;
}

/** This process as rank 0, and those that it starts as the others. */
export class Launch {
  /** The engine as the ranks have it: its threads are divided among them. */
  readonly engine: LoadedEngine;
  readonly #world: number;
  readonly #meeting: Meeting;
  readonly #processes: RankProcess[] = [];
  /** In the order in which they ended. */
  readonly #ends: RankEnd[] = [];
  readonly #kill = () => {
    for (const process of this.#processes) process.kill();
  };
  #directory = "";

  /** @throws N2uqError N2UQ_RANKS_ENGINE, N2UQ_RANKS_UNAVAILABLE */
  constructor(resolved: ResolvedExperiment, engine: LoadedEngine) {
    const maker = rankMaker(resolved);
    this.#world = resolved.devices;
    this.#meeting = maker.open(HERE);
    const threads = maker.share(this.#world);
    this.engine = {
      ...engine,
      device: `${this.#world} × CPU (${threads} thread${threads === 1 ? "" : "s"}, libtorch)`,
      capabilities: { ...engine.capabilities, threads },
    };
  }

  /** Starts the other ranks on the run that is written down in a directory. */
  start(directory: string, models: string, emit: Emit): void {
    this.#directory = directory;
    process.on("exit", this.#kill);
    const { threads } = this.engine.capabilities;
    const meeting = `${this.#meeting.host}:${this.#meeting.port}`;
    for (let rank = 1; rank < this.#world; rank++) {
      const started = startRank(directory, models, { rank, world: this.#world, meeting, threads }, emit);
      this.#processes.push(started);
      started.ended.then((end) => this.#ends.push(end));
    }
  }

  /** Waits until all have what they need, and joins them. @throws N2uqError N2UQ_RANKS_LOST */
  async join(): Promise<Ranks> {
    for (let rank = 1; rank < this.#world; rank++) {
      while (!this.#meeting.told(readyWord(rank))) {
        if (this.#ends.length > 0) throw new N2uqError("N2UQ_RANKS_LOST", { who: "a rank", how: "is gone" });
        await wait(LOOK_EVERY_MS);
      }
    }
    return this.#meeting.join(0, this.#world);
  }

  /** Ends what is left of the other ranks. */
  async close(): Promise<void> {
    const all = Promise.all(this.#processes.map(({ ended }) => ended));
    await Promise.race([all, wait(END_MS, undefined, { ref: false })]);
    this.#kill();
    await all;
    process.off("exit", this.#kill);
    this.#meeting.leave();
  }

  /** An error of this rank's; where another one is lost, which, and how it ended. */
  async explained(error: unknown): Promise<unknown> {
    if (!(error instanceof N2uqError) || error.code !== "N2UQ_RANKS_LOST") return error;
    const first = Promise.race(this.#processes.map(({ ended }) => ended));
    await Promise.race([first, wait(END_MS, undefined, { ref: false })]);
    // One that ended for want of another is not the one that was lost.
    const end = this.#ends.find(({ failure }) => failure?.code !== error.code);
    if (end === undefined) return error;
    const who = `rank ${end.rank} of ${this.#world} (process ${end.pid})`;
    return new N2uqError(error.code, { who, how: howOf(end, this.#directory) }, { cause: error });
  }
}

function howOf({ rank, code, signal, failure }: RankEnd, directory: string): string {
  if (failure !== undefined) return `failed: ${failure.message}`;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return `ended with ${how}; its log is ${rankLog(directory, rank)}`;
}
