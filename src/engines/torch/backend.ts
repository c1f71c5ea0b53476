import { type BackendValues, type DataType, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import type { Counted, DataId, TensorType, Values } from "../refCountedBackend.js";
import { RefCountedBackend, tensorType } from "../refCountedBackend.js";
import type { Attributes, Binding, Handle } from "./binding.js";

export const BACKEND = "torch";

/** Below this size, a synchronous copy is faster than an asynchronous one. */
const SMALL = 1 << 18;

interface Stored extends Counted {
  /** The addon's tensor id. */
  readonly id: number;
  readonly bytes: number;
}

/** The tfjs backend on the addon: maps tfjs tensors to libtorch tensors and counts references. */
export class TorchBackend extends RefCountedBackend<Stored> {
  readonly binding: Binding;
  /** CUDA's name of the GPU; null on a CPU. */
  readonly gpu: string | null;

  constructor(binding: Binding, gpu: string | null) {
    super();
    this.binding = binding;
    this.gpu = gpu;
  }

  /** Runs a kernel of the addon; tfjs takes ownership of the results. */
  run(name: string, inputs: readonly TensorInfo[], attributes: Attributes): TensorInfo[] {
    const ids = inputs.map(({ dataId }) => this.data.get(dataId).id);
    return withCodedErrors(() => this.binding.run(name, ids, attributes)).map((handle) =>
      this.#adopt(handle),
    );
  }

  #adopt({ id, shape, dtype }: Handle): TensorInfo {
    const dataId = {};
    this.data.set(dataId, { id, bytes: bytesOf(shape, dtype), references: 1 });
    return { dataId, shape, dtype };
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    const type = tensorType(dtype, BACKEND);
    const id = withCodedErrors(() => this.binding.create(valuesOf(values, shape, type), shape, type));
    this.data.set(dataId, { id, bytes: bytesOf(shape, type), references });
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const { id, bytes } = this.data.get(dataId);
    // A GPU may not have computed the tensor yet, and a synchronous copy would wait for it.
    const soon = bytes <= SMALL && this.gpu === null;
    return soon ? this.binding.read(id) : this.binding.readLater(id);
  }

  override readSync(dataId: DataId): BackendValues {
    return this.binding.read(this.data.get(dataId).id);
  }

  protected override free(stored: Stored): void {
    this.binding.release(stored.id);
  }
}

/** Converts the addon's out-of-memory error. @throws N2uqError N2UQ_OUT_OF_MEMORY */
function withCodedErrors<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const kernel = /^(.*): not enough memory$/.exec(error instanceof Error ? error.message : "")?.[1];
    if (kernel === undefined) throw error;
    throw new N2uqError("N2UQ_OUT_OF_MEMORY", { kernel, batch: "" }, { cause: error });
  }
}

function bytesOf(shape: readonly number[], type: TensorType): number {
  return util.sizeFromShape([...shape]) * ARRAYS[type].BYTES_PER_ELEMENT;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The values in the dtype's array; zeros if tfjs gives none. */
function valuesOf(values: BackendValues | null, shape: readonly number[], type: TensorType): Values {
  const Wanted = ARRAYS[type];
  if (values === null || values === undefined) return new Wanted(util.sizeFromShape([...shape]));
  return values instanceof Wanted ? values : Wanted.from(values as Values);
}
