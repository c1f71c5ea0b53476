import { createRequire } from "node:module";
import type { Precision } from "../types.js";

/** The host's form of a tensor: float32, int32 and bool in this order. */
export type Values = Float32Array | Int32Array | Uint8Array;

export type TensorType = "float32" | "int32" | "bool";

/** What a kernel of the addon is told beside its inputs. */
export type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** A kernel of the addon. */
export interface ListedKernel {
  readonly name: string;
  /** tfjs's names of the inputs in their order; null: a list of any length. */
  readonly inputs: readonly string[] | null;
  /** Whether tfjs gets a list of tensors, not one. */
  readonly list: boolean;
}

/** A tensor of libtorch's. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: TensorType;
}

/** The addon of `native/torch`. Its tensors belong to the thread that made them; what goes wrong is thrown as an Error. */
export interface Binding {
  readonly version: string;
  /** The vector instructions that ATen's loops use here: `AVX512`, `AVX2`; empty where libtorch does not say. */
  readonly capability: string;
  /** All that `run` knows, by name. */
  kernels(): ListedKernel[];
  /** Copies the values, which must be of the type's own array. */
  create(values: Values, shape: readonly number[], dtype: TensorType): number;
  /** A copy. */
  read(id: number): Values;
  /** A copy that another thread makes; the tensor may be released meanwhile. */
  readLater(id: number): Promise<Values>;
  release(id: number): void;
  run(name: string, inputs: readonly number[], attributes: Attributes): Handle[];
  /** How many tensors this thread holds. */
  count(): number;
  /** How many GPUs this libtorch can use. */
  gpus(): number;
  /** `cpu`, `cuda:0` or `emulated`, for tensors from now on in the whole process; with the text of kernels.cu. */
  useDevice(name: string, kernels: string): void;
  /** Of products, in the whole process. */
  usePrecision(precision: Precision): void;
  /** Of one operation, in the whole process. */
  setThreads(threads: number): number;
}

/** Loads the addon and with it libtorch. Throws what the loader of the system says. */
export function openBinding(file: string): Binding {
  return createRequire(file)(file) as Binding;
}
