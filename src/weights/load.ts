import { decode, isFloat } from "./dtypes.js";
import type { HostTensor, StoredTensor } from "./types.js";

/** Reads tensors into memory: floats of every width as float32, integers and booleans as int64. */
export async function loadTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<Map<string, HostTensor>> {
  const loaded = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) loaded.set(name, await loadTensor(tensor));
  return loaded;
}

async function loadTensor(tensor: StoredTensor): Promise<HostTensor> {
  const { dtype, shape } = tensor;
  const values = decode(dtype, await bytesOf(tensor));
  if (!isFloat(dtype)) {
    const data =
      values instanceof BigInt64Array ? values : BigInt64Array.from(values as ArrayLike<number>, BigInt);
    return { dtype: "int64", shape, data };
  }
  const data = values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
  return { dtype: "float32", shape, data };
}

/** A tensor's little-endian values in row-major order, in a buffer of their own. */
export async function bytesOf(tensor: StoredTensor): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(tensor.byteLength);
  let filled = 0;
  for await (const piece of tensor.chunks()) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes.buffer;
}
