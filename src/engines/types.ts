import type { ProcessGroupFactory } from "./ranks.js";

/** A loaded engine and its properties on this machine. */
export interface LoadedEngine {
  readonly name: EngineName;
  /** The current tfjs backend. */
  readonly backend: string;
  /** Human-readable device, e.g. `CPU (1 thread, SIMD)`. */
  readonly device: string;
  readonly version: string;
  readonly capabilities: EngineCapabilities;
}

/** The hardware features of this machine that a loaded engine uses. */
export interface EngineCapabilities {
  /** Threads per operation. */
  readonly threads: number;
  readonly gpu: boolean;
  readonly simd: boolean;
  /**
   * True if kernels are queued and reading a result waits for that result only, so that a training step can
   * be read while the next one is computed.
   */
  readonly queues?: boolean;
  /** The vector instructions of its loops, if the engine reports them: `AVX512`. */
  readonly vectors?: string;
}

/** Names of the engines. */
export type EngineName = "torch" | "tensorflow" | "wasm" | "cpu";

/** Whether the engine can be loaded on this machine; if not, why, and how to install it. */
export interface Availability {
  readonly available: boolean;
  /** Whether it would compute on a GPU. */
  readonly gpu?: boolean;
  /** True if it was not installed explicitly; it is then used only when requested by name. */
  readonly onRequest?: boolean;
  readonly reason?: string;
  readonly remedy?: string;
}

/** Compute precision of matmuls and convolutions; weights, sums and everything else are float32. */
export type MatmulPrecision = "float32" | "tf32" | "bfloat16";

/**
 * One engine: a TensorFlow.js backend with the kernels that training needs. Only `load` loads TensorFlow.js,
 * so that listing engines stays fast.
 */
export interface Engine {
  readonly name: EngineName;
  readonly summary: string;
  /** Loads support for process groups; absent if the engine has none. */
  ranks?(): Promise<ProcessGroupFactory>;
  /** Checks, without loading TensorFlow.js, whether the engine can be loaded on this machine. */
  check(): Promise<Availability>;
  /**
   * Loads the backend, registers extra kernels and makes it current. @param precision only the engine torch
   * supports other values than float32 @throws N2uqError N2UQ_ENGINE_UNAVAILABLE, N2UQ_ENGINE_PRECISION
   */
  load(precision?: MatmulPrecision): Promise<LoadedEngine>;
}
