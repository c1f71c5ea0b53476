import { type BackendValues, type DataType, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Counted, DataId, Values } from "../refCountedBackend.js";
import { RefCountedBackend, tensorType } from "../refCountedBackend.js";
import type { Device, Handle } from "./device.js";

export const BACKEND = "tensorflow";

interface Stored extends Counted {
  /** Null until an operation needs values uploaded from the host. */
  handle: Handle | null;
  values: Values | null;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** The tfjs backend on TensorFlow: maps tfjs tensors to TensorFlow tensors and counts references. */
export class TensorFlowBackend extends RefCountedBackend<Stored> {
  readonly device: Device;

  constructor(device: Device) {
    super();
    this.device = device;
  }

  /** The TensorFlow tensor of a tfjs tensor, uploaded at first use. The backend keeps ownership. */
  handleOf({ dataId, shape }: TensorInfo): Handle {
    const stored = this.data.get(dataId);
    if (stored.handle === null) {
      const values = stored.values ?? new Float32Array(0);
      stored.handle = this.device.upload(values, stored.shape, tensorType(stored.dtype, BACKEND));
      stored.values = null;
    }
    return { ...stored.handle, shape };
  }

  /** Wraps a TensorFlow tensor in a tfjs tensor, which takes ownership. */
  adopt(handle: Handle): TensorInfo {
    const { shape, dtype } = handle;
    const dataId = {};
    this.data.set(dataId, { handle, values: null, shape, dtype, references: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    tensorType(dtype, BACKEND);
    // A copy, because TensorFlow would share the caller's array, which may be modified later.
    const own = (values ?? new Float32Array(util.sizeFromShape(shape))).slice() as Values;
    this.data.set(dataId, { handle: null, values: own, shape, dtype, references });
  }

  override readSync(dataId: DataId): BackendValues {
    const { handle, values } = this.data.get(dataId);
    return handle === null ? (values ?? new Float32Array(0)) : this.device.download(handle);
  }

  protected override free(stored: Stored): void {
    if (stored.handle !== null) this.device.free(stored.handle);
  }
}
