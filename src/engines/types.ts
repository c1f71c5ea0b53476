import type { RankMaker } from "./ranks.js";

/** What a machine offers through one engine, after loading it. */
export interface LoadedEngine {
  readonly name: EngineName;
  /** The tfjs backend that is now current. */
  readonly backend: string;
  /** Human-readable device, e.g. `CPU (1 thread, SIMD)`. */
  readonly device: string;
  readonly version: string;
  readonly capabilities: EngineCapabilities;
}

export interface EngineCapabilities {
  /** Threads one operation may use. */
  readonly threads: number;
  readonly gpu: boolean;
  readonly simd: boolean;
  /** The vector instructions that its loops use, where it says so: `AVX512`. */
  readonly vectors?: string;
}

export type EngineName = "torch" | "tensorflow" | "wasm" | "cpu";

/** Whether the engine can be loaded here, and if not, why and how to get it. */
export interface Availability {
  readonly available: boolean;
  /** Whether it would compute on a GPU. */
  readonly gpu?: boolean;
  /** True where nobody installed it on purpose, so that only asking for it by name takes it. */
  readonly onRequest?: boolean;
  readonly reason?: string;
  readonly remedy?: string;
}

/** Of products of matrices and convolutions; weights, sums and everything else are float32. */
export type Precision = "float32" | "tf32" | "bfloat16";

/**
 * One engine: a TensorFlow.js backend with whatever kernels it needs to train our graphs. Its record loads neither: `load` does,
 * so that what only asks which engines are here does not wait for TensorFlow.js.
 */
export interface Engine {
  readonly name: EngineName;
  readonly summary: string;
  /** Loads what lets processes train together; absent where they can't. */
  ranks?(): Promise<RankMaker>;
  check(): Promise<Availability>;
  /**
   * Loads the backend, registers extra kernels and makes it current.
   * @param precision other than float32 only where the engine is torch
   * @throws N2uqError N2UQ_ENGINE_UNAVAILABLE, N2UQ_ENGINE_PRECISION
   */
  load(precision?: Precision): Promise<LoadedEngine>;
}
