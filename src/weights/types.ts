import type { Dtype } from "./dtypes.js";

/** A tensor in memory, in PyTorch's layout and one of the two dtypes of training. */
export type HostTensor =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

/** A tensor whose values are read on demand, from a file or another source. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Size of the values: elements × bytes per value. */
  readonly byteLength: number;
  /** Little-endian values in row-major order, in chunks. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The formats of weights files that are read. */
export type WeightsFormat = "safetensors" | "pytorch-zip" | "pytorch-legacy";

/** An open weights file: its tensors are listed, but no values are read yet. */
export interface WeightsFile {
  readonly file: string;
  readonly format: WeightsFormat;
  readonly bytes: number;
  /** Path of the state dict in the file: "" for the top level. */
  readonly key: string;
  /** The removed common prefix of names: DataParallel's `module.`, or "". */
  readonly prefix: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Whether the file has checksums of its values; they are verified on reading. */
  readonly checksums: boolean;
  /** Short descriptions of the file's other content. */
  readonly extras: ReadonlyMap<string, string>;
  /** Closes the file; its tensors can't be read afterwards. */
  close(): Promise<void>;
}
