import { connect } from "node:net";
import { dirname, resolve } from "node:path";
import { N2uqError } from "../../src/errors.js";
import type { Emit } from "../../src/runs/events.js";
import { createSession, loadEngine } from "../session.js";
import { resolvedIn } from "../sweep/worker.js";
import { trainRank } from "../train.js";
import { rankMaker, readyWord } from "./launch.js";
import type { RankRun } from "./process.js";

export interface RankRequest extends Pick<RankRun, "models" | "world" | "meeting" | "onWarning"> {
  readonly rank: number;
}

/**
 * Joins, as a rank other than 0, the run that rank 0 queued in a run directory; writes nothing there. @throws
 * N2uqError N2UQ_RANKS_LOST; as training
 */
export async function runRank(
  directory: string,
  { models, rank, world, meeting, onWarning }: RankRequest,
): Promise<void> {
  const own = resolve(directory);
  const resolved = await resolvedIn(own);
  const emit: Emit = (event) => {
    if (event.type === "warning") onWarning(event);
  };
  // Rank 0 decides when to stop.
  const { signal } = new AbortController();
  const session = createSession({ runs: dirname(own), models, signal, emit });
  const engine = await loadEngine(resolved.engine, resolved.training.precision);
  const maker = await rankMaker(resolved);
  const place = await maker.connect(meeting, await addressTowards(meeting));
  await trainRank(session, resolved, engine, async () => {
    await place.set(readyWord(rank));
    return place.join(rank, world);
  });
  place.destroy();
}

/**
 * This machine's address on the route to a rendezvous, for the other ranks. @throws N2uqError N2UQ_RANKS_LOST
 */
async function addressTowards(meeting: string): Promise<string> {
  if (meeting.startsWith("file:")) return "127.0.0.1";
  const [host = "", port = ""] = meeting.split(":");
  return new Promise((found, fail) => {
    const socket = connect({ host, port: Number(port), family: 4 });
    socket.on("connect", () => {
      found(socket.localAddress ?? host);
      socket.destroy();
    });
    socket.on("error", (cause) => {
      const how = `can't be reached at ${host}:${port} (${cause.message})`;
      fail(new N2uqError("N2UQ_RANKS_LOST", { who: "rank 0", how }, { cause }));
    });
  });
}
