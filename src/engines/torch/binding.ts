import { createRequire } from "node:module";
import type { TensorType, Values } from "../refCountedBackend.js";
import type { MatmulPrecision } from "../types.js";

/** Attributes of a kernel of the addon. */
export type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** A kernel of the addon. */
export interface ListedKernel {
  readonly name: string;
  /** tfjs's names of the inputs in order; null: a list of any length. */
  readonly inputs: readonly string[] | null;
  /** Whether the kernel returns a list of tensors. */
  readonly list: boolean;
}

/** A libtorch tensor. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: TensorType;
}

/**
 * The addon of `native/torch`. A tensor can be used only by the thread that created it. Failures are thrown
 * as Error.
 */
export interface Binding {
  readonly version: string;
  /** The vector instructions of ATen's loops: `AVX512`, `AVX2`; empty if libtorch does not report them. */
  readonly capability: string;
  /** All kernels of `run`, by name. */
  kernels(): ListedKernel[];
  /** Copies the values, which must be in the dtype's array. */
  create(values: Values, shape: readonly number[], dtype: TensorType): number;
  /** A copy. */
  read(id: number): Values;
  /** A copy made by another thread; the tensor may be released before it is done. */
  readLater(id: number): Promise<Values>;
  release(id: number): void;
  run(name: string, inputs: readonly number[], attributes: Attributes): Handle[];
  /** Number of live tensors of this thread. */
  count(): number;
  /** Number of GPUs that this libtorch can use. */
  gpus(): number;
  /**
   * `cpu`, `cuda:0` or `emulated`, for all tensors created later in the process. @param kernels the text of
   * kernels.cu
   */
  useDevice(name: string, kernels: string): void;
  /** Matmul precision of the whole process. */
  usePrecision(precision: MatmulPrecision): void;
  /** Threads per operation in the whole process. */
  setThreads(threads: number): number;
}

/** Loads the addon and libtorch. Throws the system loader's error. */
export function openBinding(file: string): Binding {
  return createRequire(file)(file) as Binding;
}
