import { createRequire } from "node:module";

/** The host's form of a tensor: float32, int32 and bool in this order. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** One attribute of a TensorFlow operation, as the native module takes it. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** One result of an operation: the native module's number for it, its shape and TensorFlow's number for its type. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** What we use of the native module of tfjs-node and tfjs-node-gpu: TensorFlow's eager operations, one call each. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  /** The tensor may share the array's memory, so nobody may write to it afterwards. */
  createTensor(shape: readonly number[], dtype: number, values: Values): number;
  deleteTensor(id: number): void;
  /** A copy. */
  tensorDataSync(id: number): Values;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  isUsingGpuDevice(): boolean;
}

/** Loads the native module and with it libtensorflow. Throws what the loader of the system says. */
export function openBinding(file: string): Binding {
  return createRequire(file)(file) as Binding;
}
