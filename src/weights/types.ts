import type { Dtype } from "./dtypes.js";

/** A tensor in memory, in PyTorch's layout, in one of the two formats that training keeps. */
export type HostTensor =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

/** A tensor in a file, or anywhere: its values come when they are asked for. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Of its values alone: elements × bytes of one. */
  readonly byteLength: number;
  /** Little-endian values in row-major order, piece by piece. */
  chunks(): AsyncIterable<Uint8Array>;
}

export type WeightsFormat = "safetensors" | "pytorch-zip" | "pytorch-legacy";

/** An open weights file: what it holds is known, and no value is read yet. */
export interface WeightsFile {
  readonly file: string;
  readonly format: WeightsFormat;
  readonly bytes: number;
  /** Where in the file the state dict is: "" for the top. */
  readonly key: string;
  /** What stood before every name and is left out: DataParallel's `module.`, or "". */
  readonly prefix: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Whether the file holds checksums of its values; they are compared as the values are read. */
  readonly checksums: boolean;
  /** What else stands in the file, each in a few words. */
  readonly extras: ReadonlyMap<string, string>;
  close(): Promise<void>;
}
