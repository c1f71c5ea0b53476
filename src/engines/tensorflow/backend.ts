import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";
import type { Counted, DataId } from "../countingBackend.js";
import { CountingBackend } from "../countingBackend.js";
import type { Values } from "./binding.js";
import type { Device, Handle } from "./device.js";
import { tensorType } from "./device.js";

export const BACKEND = "tensorflow";

interface Stored extends Counted {
  /** Null until an operation needs values that came from the host. */
  handle: Handle | null;
  values: Values | null;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** TensorFlow.js's view of the device: which tensor of tfjs is which of TensorFlow's, and how many of tfjs's share it. */
export class TensorFlowBackend extends CountingBackend<Stored> {
  readonly device: Device;

  constructor(device: Device) {
    super();
    this.device = device;
  }

  /** TensorFlow's tensor for one of tfjs's, uploaded at its first use. It stays the backend's. */
  handleOf({ dataId, shape }: TensorInfo): Handle {
    const stored = this.data.get(dataId);
    if (stored.handle === null) {
      const values = stored.values ?? new Float32Array(0);
      stored.handle = this.device.upload(values, stored.shape, tensorType(stored.dtype));
      stored.values = null;
    }
    return { ...stored.handle, shape };
  }

  /** Makes a tensor of TensorFlow's one of tfjs's, which owns it from now on. */
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
    tensorType(dtype);
    // A copy: TensorFlow would share the caller's array, which the caller may write to again.
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
