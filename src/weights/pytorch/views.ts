import { joined } from "../bytes.js";
import { dtypes } from "../dtypes.js";
import { gathered } from "../layout.js";
import type { StoredTensor } from "../types.js";
import type { TensorView } from "./values.js";

/** The source of a file's storages. */
export interface StorageBytes {
  /** Streams a part of a storage. @throws N2uqError N2UQ_WEIGHTS_CORRUPT if it is missing or damaged */
  stream(key: string, offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** Converts a view to a tensor in row-major order. A contiguous view is read directly from the file. */
export function storedTensor(view: TensorView, source: StorageBytes): StoredTensor {
  const { shape, dtype, storage } = view;
  const unit = dtypes[dtype].bytes;
  const byteLength = view.elements * unit;
  const start = storage.start + view.offset * unit;
  const chunks = (): AsyncIterable<Uint8Array> => {
    if (byteLength === 0) return nothing();
    return isRowMajor(view)
      ? source.stream(storage.key, start, byteLength)
      : picked(view, byteLength, source);
  };
  return { dtype, shape, byteLength, chunks };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function isRowMajor({ shape, strides }: TensorView): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d] ?? 1;
    if (size !== 1 && strides[d] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Reads the span of a strided view and gathers its values in order. */
async function* picked(
  view: TensorView,
  byteLength: number,
  source: StorageBytes,
): AsyncGenerator<Uint8Array> {
  const unit = dtypes[view.dtype].bytes;
  const [start, length] = [view.storage.start + view.offset * unit, view.span * unit];
  const span = await joined(source.stream(view.storage.key, start, length), length);
  const result = new Uint8Array(byteLength);
  // The stride of a dimension of size one has no effect and may be any number.
  const sizes = view.shape.filter((size) => size !== 1);
  const strides = view.strides.filter((_, d) => view.shape[d] !== 1);
  gathered(words(span.buffer, unit), sizes, strides, words(result.buffer, unit));
  yield result;
}

function words(buffer: ArrayBuffer, unit: number): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  if (unit === 1) return new Uint8Array(buffer);
  if (unit === 2) return new Uint16Array(buffer);
  return unit === 4 ? new Uint32Array(buffer) : new BigUint64Array(buffer);
}
