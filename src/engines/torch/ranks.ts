import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { engine, findBackend } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { engineOptions } from "../options.js";
import type { Meeting, RankMaker, Ranks } from "../ranks.js";
import { unavailable } from "../unavailable.js";
import { BACKEND, TorchBackend } from "./backend.js";
import type { Attributes, Binding } from "./binding.js";
import { threadsFor } from "./options.js";

/** A rank that says nothing for so long counts as lost. */
const TIMEOUT_MS = 10 * 60_000;

/** Processes that talk through c10d and Gloo, where the addon was built with them. The engine is loaded. */
export const torchRanks: RankMaker = {
  share(world) {
    const threads = Math.floor(threadsFor(engineOptions().torch ?? {}) / world);
    return binding().setThreads(Math.max(1, threads));
  },
  open: (host) => meet({ host, port: 0, server: true }, host),
  come: (host, port, own) => meet({ host, port, server: false }, own),
};

function binding(): Binding {
  const backend = findBackend(BACKEND);
  if (backend instanceof TorchBackend) return backend.binding;
  throw unavailable("torch", "it is not loaded");
}

/** A kernel of the addon's; what it throws is another rank's end. */
function call(name: string, attributes: Attributes, tensors: readonly Tensor[] = []): Tensor[] {
  try {
    return engine().runKernel(name, tensors as unknown as NamedTensorMap, { ...attributes }) as Tensor[];
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Ranks\w+ of [^:]*: /, "");
    throw new N2uqError("N2UQ_RANKS_LOST", { who: "another rank", how: `is gone (${reason})` }, { cause });
  }
}

function first([tensor]: readonly Tensor[]): Tensor {
  if (tensor === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "a sum without a result" });
  return tensor;
}

function number([tensor]: readonly Tensor[]): number {
  const value = tensor?.dataSync()[0] ?? Number.NaN;
  tensor?.dispose();
  return value;
}

/** A meeting of c10d's TCP store; `address` is where this process is reached. */
function meet(where: { host: string; port: number; server: boolean }, address: string): Meeting {
  if (!binding().ranks) throw new N2uqError("N2UQ_RANKS_UNAVAILABLE");
  const port = number(call("RanksMeet", { ...where, timeoutMs: TIMEOUT_MS }));
  const words = {
    tell: (key: string) => void call("RanksTell", { key }),
    told: (key: string) => number(call("RanksTold", { key })) === 1,
  };
  return {
    host: where.host,
    port,
    ...words,
    join(rank, world) {
      call("RanksJoin", { rank, world, address, timeoutMs: TIMEOUT_MS });
      return { rank, world, ...words, ...collectives };
    },
    leave: () => void call("RanksLeave", {}),
  };
}

const collectives: Pick<Ranks, "sum" | "broadcast" | "startMean"> = {
  sum: (tensor) => first(start("sum", [tensor])()),
  broadcast: (tensors) => start("broadcast", tensors)(),
  startMean: (tensors) => start("mean", tensors),
};

function start(kind: "sum" | "mean" | "broadcast", tensors: readonly Tensor[]): () => Tensor[] {
  const started = number(call("RanksStart", { kind }, tensors));
  return () => call("RanksWait", { number: started });
}
