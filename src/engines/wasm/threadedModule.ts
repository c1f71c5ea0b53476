import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { claimedCores, rememberListeners } from "./globals.js";
import { ThreadPool } from "./threadPool.js";
import { waitBriefly } from "./waitBriefly.js";

/** TensorFlow.js's threaded build: its code, its module's factory and the script of its workers. */
const CODE = "tfjs-backend-wasm-threaded-simd.wasm";
const MAIN = "tfjs-backend-wasm-threaded-simd.js";
const SCRIPT = "tfjs-backend-wasm-threaded-simd.worker.js";

/** The build allows half as many threads as cores, at most 8. */
const CORES = 16;

/** A module as `BackendWasm` takes it. */
type WasmModule = BackendWasm["wasm"];

/** A module as Emscripten's factory returns it. */
interface Emscripten {
  readonly PThread: { unusedWorkers: unknown[] };
  cwrap(name: string, result: "number" | null, parameters: readonly "number"[]): never;
}

export interface Threaded {
  readonly module: WasmModule;
  /** Lets the process end while the threads wait for work; call after the threads have been started. */
  release(): void;
}

/**
 * Loads TensorFlow.js's threaded build for `threads` threads, 2 to 8. tfjs itself does so only in browsers:
 * it passes the workers' script as the URL of a Blob, which Node's workers do not accept.
 * @param folder the folder of the build @throws Error if the system refuses the shared memory or a worker
 */
export async function loadThreaded(folder: string, threads: number): Promise<Threaded> {
  const require = createRequire(import.meta.url);
  const factory = require(join(folder, MAIN)) as (options: object) => Promise<Emscripten>;
  const { wasmWorkerContents } = require(join(folder, SCRIPT)) as { readonly wasmWorkerContents: string };
  // The package has the script as a template literal, which turned the `\n` of a string into a raw newline.
  const pool = new ThreadPool(wasmWorkerContents.replaceAll("\n", "\\n"), threads - 1);
  const cores = claimedCores(CORES);
  const options = {
    mainScriptUrlOrBlob: join(folder, MAIN),
    wasmBinary: waitBriefly(readFileSync(join(folder, CODE))),
    // The module counts the cores between these two calls.
    preRun: [cores.claim],
    onRuntimeInitialized: cores.restore,
  };
  const forgetListeners = rememberListeners();
  // Workers do not keep the process alive while they load.
  const alive = setInterval(() => {}, 60_000);
  try {
    const loading = pool.during(() => factory(options));
    forgetListeners();
    const module = await Promise.race([loading, pool.failed]);
    pool.finish(module.PThread);
    return { module: withCalls(module), release: () => pool.release() };
  } catch (error) {
    pool.end();
    throw error;
  } finally {
    forgetListeners();
    cores.restore();
    clearInterval(alive);
  }
}

/** Adds the calls that tfjs's own loader adds. */
function withCalls(module: Emscripten): WasmModule {
  const { cwrap } = module;
  const tfjs: WasmModule["tfjs"] = {
    init: cwrap("init", null, []),
    initWithThreadsCount: cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: cwrap("get_threads_count", "number", []),
    registerTensor: cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: cwrap("dispose_data", null, ["number"]),
    dispose: cwrap("dispose", null, []),
  };
  return Object.assign(module, { tfjs }) as unknown as WasmModule;
}
