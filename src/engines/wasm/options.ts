import { threadsFor } from "../threads.js";

/** The wasm options of a project's config (`engines.wasm`). */
export interface WasmOptions {
  /** Threads per operation; one per core by default, at most 8. */
  readonly threads?: number;
}

/** TensorFlow.js's threaded build starts with eight workers; the main thread computes too, and one stays idle. */
const MOST_THREADS = 8;

/**
 * Threads per operation: `OMP_NUM_THREADS`, as for the engine torch, else the config's value, else one per
 * core; at most 8.
 */
export function wasmThreads(options: WasmOptions, environment: NodeJS.ProcessEnv = process.env): number {
  return Math.min(MOST_THREADS, threadsFor(options, environment));
}
