import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { engine, findBackend, getKernel, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { engineOptions } from "../options.js";
import type { Patience, ProcessGroup, ProcessGroupFactory, Rendezvous } from "../ranks.js";
import { threadsFor } from "../threads.js";
import { unavailable } from "../unavailable.js";
import { BACKEND, TorchBackend } from "./backend.js";
import type { Attributes, Binding } from "./binding.js";

/** A rank that does not answer for this long counts as lost. */
const TIMEOUT_MS = 10 * 60_000;
const POLL_MS = 5;
/** Gloo listens only on this address if all ranks are on one machine. */
const LOOPBACK = "127.0.0.1";
const FILE = "file:";

/** Process groups with c10d and Gloo, if the addon was built with them. Requires a loaded engine. */
export const torchProcessGroups: ProcessGroupFactory = {
  splitThreads(world) {
    const threads = Math.floor(threadsFor(engineOptions().torch ?? {}) / world);
    return binding().setThreads(Math.max(1, threads));
  },
  async create(host) {
    if (host !== undefined) {
      const { port, rendezvous } = await openStore({ host, port: 0, server: true }, host);
      return { ...rendezvous, address: `${host}:${port}` };
    }
    // Readable by this user only (mode 0700); a rendezvous file in it is not reachable from any network.
    const folder = mkdtempSync(join(tmpdir(), "n2uq-ranks-"));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.on("exit", remove);
    const address = `${FILE}${join(folder, "meeting")}`;
    const rendezvous = await torchProcessGroups.connect(address, LOOPBACK);
    return {
      ...rendezvous,
      destroy() {
        rendezvous.destroy();
        process.off("exit", remove);
        remove();
      },
    };
  },
  async connect(address, own) {
    if (!address.startsWith(FILE)) {
      const [host = "", port] = address.split(":");
      const { rendezvous } = await openStore({ host, port: Number(port), server: false }, own);
      return { ...rendezvous, address };
    }
    const file = address.slice(FILE.length);
    // If rank 0 was killed, it cannot remove the folder.
    process.on("exit", (code) => {
      if (code !== 0) rmSync(dirname(file), { recursive: true, force: true });
    });
    const { rendezvous } = await openStore({ file }, own);
    return { ...rendezvous, address };
  },
};

function binding(): Binding {
  const backend = findBackend(BACKEND);
  if (backend instanceof TorchBackend) return backend.binding;
  throw unavailable("torch", "it is not loaded");
}

/** Runs a kernel of the addon; an error means that another rank was lost. */
function runKernel(name: string, attributes: Attributes, tensors: readonly Tensor[] = []): Tensor[] {
  try {
    return engine().runKernel(name, tensors as unknown as NamedTensorMap, { ...attributes }) as Tensor[];
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Ranks\w+ of [^:]*: /, "");
    const details = { who: "another rank", how: `disconnected (${reason})` };
    throw new N2uqError("N2UQ_RANKS_LOST", details, { cause });
  }
}

/** Starts a call of the addon that may wait for other processes, and polls until it is done. */
async function runTask(name: string, attributes: Attributes, patience?: Patience): Promise<number> {
  const task = number(runKernel(name, attributes));
  for (;;) {
    const answer = number(runKernel("RanksPoll", { task }));
    if (answer >= 0) return answer;
    await wait(POLL_MS);
    patience?.();
  }
}

function number([tensor]: readonly Tensor[]): number {
  const value = tensor?.dataSync()[0] ?? Number.NaN;
  tensor?.dispose();
  return value;
}

/** Creates a rendezvous on one of c10d's stores. @param address this process's address for other ranks */
async function openStore(
  where: Attributes,
  address: string,
): Promise<{ port: number; rendezvous: Omit<Rendezvous, "address"> }> {
  if (getKernel("RanksConnect", BACKEND) === undefined) throw new N2uqError("N2UQ_RANKS_UNAVAILABLE");
  const port = await runTask("RanksConnect", { ...where, timeoutMs: TIMEOUT_MS });
  const store = {
    async set(key: string, patience?: Patience) {
      await runTask("RanksSet", { key }, patience);
    },
    async has(key: string, patience?: Patience) {
      return (await runTask("RanksHas", { key }, patience)) === 1;
    },
  };
  const rendezvous = {
    ...store,
    async join(rank: number, world: number, patience?: Patience) {
      await runTask("RanksJoin", { rank, world, address, timeoutMs: TIMEOUT_MS }, patience);
      return { rank, world, ...store, ...collectives };
    },
    destroy: () => void runKernel("RanksDestroy", {}),
  };
  return { port, rendezvous };
}

const collectives: Pick<ProcessGroup, "allReduceSum" | "broadcast" | "startAllReduceMean"> = {
  allReduceSum: (tensor) => start("sum", [tensor])()[0] as Tensor,
  broadcast: (tensors) => start("broadcast", tensors)(),
  startAllReduceMean: (tensors) => start("mean", tensors),
};

function start(kind: "sum" | "mean" | "broadcast", tensors: readonly Tensor[]): () => Tensor[] {
  const started = number(runKernel("RanksStart", { kind }, tensors));
  return () => runKernel("RanksWait", { number: started });
}
