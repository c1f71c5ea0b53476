import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { DataStorage, engine, KernelBackend } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";

export type DataId = TensorInfo["dataId"];

/**
 * A tensor's values on the host: a Float32Array for float32, an Int32Array for int32, a Uint8Array for bool.
 */
export type Values = Float32Array | Int32Array | Uint8Array;
export type TensorType = "float32" | "int32" | "bool";

/**
 * Checks a dtype. @throws N2uqError N2UQ_INTERNAL for strings and complex numbers, which no graph of n2uq has
 */
export function tensorType(dtype: DataType, engine: string): TensorType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new N2uqError("N2UQ_INTERNAL", { message: `the ${engine} engine has no ${dtype} tensors` });
}

/** A backend's record of some data; counts the tfjs tensors that share it. */
export interface Counted {
  references: number;
}

/** The common part of backends on native libraries: reference counting of tensor data. */
export abstract class RefCountedBackend<Stored extends Counted> extends KernelBackend {
  protected readonly data: DataStorage<Stored>;

  constructor() {
    super();
    this.data = new DataStorage(this, engine() as never);
  }

  /** Frees the library's memory of this data. */
  protected abstract free(stored: Stored): void;

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.data.get(dataId);
    stored.references -= 1;
    if (!force && stored.references > 0) return false;
    this.free(stored);
    this.data.delete(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).references : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).references += 1;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}
}
