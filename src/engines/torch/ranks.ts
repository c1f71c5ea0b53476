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
import type { Attributes } from "./binding.js";
import { rankTimeoutMs } from "./options.js";

/** The numbers of a join: what the ranks communicate through. */
const GLOO = 1;
const POLL_MS = 5;
const GRACE_MS = 2000;
/** Gloo listens only on this address if all ranks are on one machine. */
const LOOPBACK = "127.0.0.1";
const FILE = "file:";

/**
 * Process groups over NCCL between GPUs, otherwise over c10d's Gloo, if the addon was built with c10d. Requires a
 * loaded engine.
 */
export const torchProcessGroups: ProcessGroupFactory = {
  splitThreads(world) {
    const threads = Math.floor(threadsFor(engineOptions().torch ?? {}) / world);
    return backend().binding.setThreads(Math.max(1, threads));
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

function backend(): TorchBackend {
  const backend = findBackend(BACKEND);
  if (backend instanceof TorchBackend) return backend;
  throw unavailable("torch", "it is not loaded");
}

/** The file of NCCL to use instead of libtorch's, or `none` for Gloo. */
function ncclAttribute(): Attributes {
  const nccl = process.env.N2UQ_NCCL_LIBRARY ?? "";
  return nccl === "" ? {} : { nccl };
}

/** Runs a kernel of the addon; an error means that another rank was lost. */
function runKernel(name: string, attributes: Attributes, tensors: readonly Tensor[] = []): Tensor[] {
  try {
    return engine().runKernel(name, tensors as unknown as NamedTensorMap, { ...attributes }) as Tensor[];
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Ranks\w+ of [^:]*: /, "");
    const [, file] = /^NCCL can't be loaded: (.*)$/.exec(reason) ?? [];
    if (file !== undefined)
      throw unavailable("torch", file, "Correct N2UQ_NCCL_LIBRARY, or remove it.", cause);
    throw lost(`disconnected (${reason})`, cause);
  }
}

function lost(how: string, cause?: unknown): N2uqError {
  return new N2uqError("N2UQ_RANKS_LOST", { who: "another rank", how }, { cause });
}

/**
 * Starts a call of the addon that may wait for other processes, and polls until it is done. NCCL has no timeout
 * while it connects. @throws N2uqError N2UQ_RANKS_LOST
 */
async function runTask(name: string, attributes: Attributes, patience?: Patience): Promise<number> {
  const limit = rankTimeoutMs(engineOptions().torch);
  const task = number(runKernel(name, { ...attributes, timeoutMs: limit }));
  const started = performance.now();
  for (;;) {
    const answer = number(runKernel("RanksPoll", { task }));
    if (answer >= 0) return answer;
    await wait(POLL_MS);
    patience?.();
    // The addon's own message, which says more, comes first.
    if (performance.now() - started > limit + GRACE_MS) throw lost(`does not answer (${limit / 1000} s)`);
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
  const port = await runTask("RanksConnect", where);
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
      const place = { rank, world, address, ...ncclAttribute() };
      const transport = await runTask("RanksJoin", place, patience);
      return { rank, world, ...store, ...collectives, ...slowly(transport) };
    },
    destroy: () => void runKernel("RanksDestroy", {}),
  };
  return { port, rendezvous };
}

/** A warning if GPUs communicate through Gloo although nobody chose it. */
function slowly(transport: number): Pick<ProcessGroup, "warning"> {
  if (transport !== GLOO || backend().gpu === null || ncclAttribute().nccl !== undefined) return {};
  const reason = "a rank has no NCCL, or two ranks use the same GPU";
  return { warning: `the GPUs communicate through the CPU's memory (Gloo), because ${reason}` };
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
