import { enableProdMode, env, setBackend } from "@tensorflow/tfjs-core";
import type { N2uqError } from "../../errors.js";
import { setOverrides } from "../../overrides.js";
import { registerKernels } from "../kernels.js";
import { adamOfEach } from "../overrides/adam.js";
import { primitivesOf } from "../overrides/primitives.js";
import type { LoadedEngine } from "../types.js";
import { unavailable } from "../unavailable.js";
import { binaries } from "./binaries.js";
import { trainingKernels } from "./kernels.js";

/** Loads the wasm engine and makes it current. @throws N2uqError N2UQ_ENGINE_UNAVAILABLE */
export async function loadWasm(): Promise<LoadedEngine> {
  const folder = binaries();
  if (folder === null)
    throw unavailable("wasm", "the package @tensorflow/tfjs-backend-wasm is not installed");
  enableProdMode();
  const { getThreadsCount, setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(folder);
  await withoutNewListeners(async () => {
    if (!(await setBackend("wasm"))) throw notStarted();
  });
  registerKernels(trainingKernels);
  setOverrides("wasm", { primitives: primitivesOf("wasm"), optimizers: { adam: adamOfEach } });
  const simd = await env().getAsync("WASM_HAS_SIMD_SUPPORT");
  const threads = getThreadsCount();
  return {
    name: "wasm",
    backend: "wasm",
    device: `CPU (${threads} thread${threads === 1 ? "" : "s"}${simd === true ? ", SIMD" : ""})`,
    version: version_wasm,
    capabilities: { threads, gpu: false, simd: simd === true },
  };
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

/**
 * Removes the listeners that `start` adds: Emscripten's start-up code catches the process's uncaught errors,
 * which the command line must report.
 */
async function withoutNewListeners(start: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.rawListeners(event));
  await start();
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event))
      if (!before[index]?.includes(listener)) process.off(event, listener as () => void);
  }
}
