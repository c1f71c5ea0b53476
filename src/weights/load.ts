import { joined } from "./bytes.js";
import { decode } from "./dtypes.js";
import type { HostTensor, StoredTensor } from "./types.js";

/** Reads tensors into memory: all floats as float32, integers and booleans as int64. */
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
  if (!dtype.includes("float")) return { dtype: "int64", shape, data: widened(values) };
  const data = values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
  return { dtype: "float32", shape, data };
}

/** Converts integers to int64; values of 2^63 and above wrap. */
function widened(values: ArrayLike<number> | ArrayLike<bigint>): BigInt64Array {
  if (values instanceof BigInt64Array) return values;
  if (values instanceof BigUint64Array) return new BigInt64Array(values.buffer);
  const words = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    words[2 * i] = value;
    words[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return new BigInt64Array(words.buffer);
}

/** A tensor's little-endian values in row-major order, in a new buffer. */
export async function bytesOf(tensor: StoredTensor): Promise<ArrayBuffer> {
  return (await joined(tensor.chunks(), tensor.byteLength)).buffer;
}
