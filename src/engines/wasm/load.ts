import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  backend,
  enableProdMode,
  engine,
  env,
  registerBackend,
  removeBackend,
  setBackend,
} from "@tensorflow/tfjs-core";
import { n2uq } from "../../core/n2uq.js";
import type { N2uqError } from "../../errors.js";
import { type Overrides, setOverrides } from "../../overrides.js";
import { registerKernels } from "../kernels.js";
import { engineOptions } from "../options.js";
import { activationChains } from "../overrides/activationChain.js";
import { adamOfEach } from "../overrides/adam.js";
import { batchNorm } from "../overrides/batchNorm.js";
import { entropyWeight } from "../overrides/entropyWeight.js";
import { n2uqActivation } from "../overrides/n2uqActivation.js";
import { primitivesOf } from "../overrides/primitives.js";
import { uniformOverrides } from "../overrides/uniformQuantizers.js";
import { threadsText } from "../threads.js";
import type { LoadedEngine } from "../types.js";
import { unavailable } from "../unavailable.js";
import { hasSpaceFor } from "./addressSpace.js";
import { binaries } from "./binaries.js";
import { rememberListeners } from "./globals.js";
import { trainingKernels } from "./kernels.js";
import { wasmThreads } from "./options.js";
import { loadOwnModule } from "./ownModule.js";
import { loadThreaded } from "./threadedModule.js";

/** tfjs's priority of this backend. */
const PRIORITY = 2;

/** Overrides whose kernels are in native/wasm. */
const fused: Partial<Overrides> = {
  quantizers: {
    n2uq: { activation: n2uqActivation, weight: entropyWeight(n2uq.weight) },
    ...uniformOverrides,
  },
  ops: { "batch-norm": batchNorm },
  optimizers: { adam: adamOfEach },
  fusions: [activationChains()],
};

let starting: Promise<void> | undefined;

/**
 * Loads the wasm engine and makes it current: TensorFlow.js's threaded build, or the one without threads if
 * one thread is asked for or the system refuses shared memory or workers. Results are the same to the bit.
 * @throws N2uqError N2UQ_ENGINE_UNAVAILABLE
 */
export async function loadWasm(): Promise<LoadedEngine> {
  const folder = binaries();
  if (folder === null)
    throw unavailable("wasm", "the package @tensorflow/tfjs-backend-wasm is not installed");
  enableProdMode();
  const { getThreadsCount, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  if ((await env().getAsync("WASM_HAS_SIMD_SUPPORT")) !== true)
    throw unavailable("wasm", "this processor, or this build of Node.js, has no vector instructions (SIMD)");
  starting ??= start(folder, wasmThreads(engineOptions().wasm ?? {})).finally(() => {
    starting = undefined;
  });
  await starting;
  registerKernels(trainingKernels);
  const threads = getThreadsCount();
  await loadOwnModule(backend() as BackendWasm, threads);
  setOverrides("wasm", { primitives: primitivesOf("wasm"), ...fused });
  return {
    name: "wasm",
    backend: "wasm",
    device: `CPU (${threadsText(threads)}, SIMD)`,
    version: version_wasm,
    capabilities: { threads, gpu: false, simd: true },
  };
}

/** Makes the process's backend current. Starts it first if there is none; a started one keeps its threads. */
async function start(folder: string, threads: number): Promise<void> {
  const running = engine().registry.wasm !== undefined;
  const wanted = !running && threads > 1 && "SharedArrayBuffer" in globalThis && hasSpaceFor(threads);
  if (wanted && (await startThreaded(folder, threads))) return;
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(folder);
  const forgetListeners = rememberListeners();
  const started = await setBackend("wasm");
  forgetListeners();
  if (!started) throw notStarted();
}

/** @returns whether the threads were started */
async function startThreaded(folder: string, threads: number): Promise<boolean> {
  const loaded = await loadThreaded(folder, threads).catch(unlessRefused);
  if (loaded === null) return false;
  const { BackendWasm, setThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
  setThreadsCount(threads);
  const made = new BackendWasm(loaded.module);
  loaded.release();
  removeBackend("wasm");
  registerBackend("wasm", () => made, PRIORITY);
  return setBackend("wasm");
}

/** Null for an error of the system: it refused memory (RangeError) or a worker (an error with a code). */
function unlessRefused(error: Error): null {
  if (error instanceof RangeError || "code" in error) return null;
  throw error;
}

/**
 * The error if the backend did not start. A low limit on address space is a usual reason, because V8 reserves
 * about 10 GB of it for each WebAssembly memory.
 */
function notStarted(): N2uqError {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: MemoryMaker };
  try {
    new WebAssembly.Memory({ initial: 256, maximum: 32_768 });
    return unavailable("wasm", "WebAssembly did not start");
  } catch (cause) {
    const reason = "there is no address space for WebAssembly's memory, which takes about 10 GB";
    const remedy = "Raise the limit (`ulimit -v unlimited`), or choose another engine with `--engine`.";
    return unavailable("wasm", reason, remedy, cause);
  }
}

/** The part of `WebAssembly` that is used here. TypeScript declares `WebAssembly` only in the DOM types. */
interface MemoryMaker {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
}
