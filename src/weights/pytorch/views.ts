import { dtypes } from "../dtypes.js";
import type { StoredTensor } from "../types.js";
import type { TensorView } from "./values.js";

/** The source of a file's storages. */
export interface StorageBytes {
  /** Streams a part of a storage. @throws N2uqError N2UQ_WEIGHTS_CORRUPT if it is missing or damaged */
  stream(key: string, offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** A view as a tensor in row-major order; read directly from the file if it is contiguous. */
export function storedTensor(view: TensorView, source: StorageBytes): StoredTensor {
  const { shape, dtype, storage } = view;
  const unit = dtypes[dtype].bytes;
  const byteLength = view.elements * unit;
  const start = storage.start + view.offset * unit;
  const chunks = (): AsyncIterable<Uint8Array> => {
    if (byteLength === 0) return nothing();
    return isRowMajor(view)
      ? source.stream(storage.key, start, byteLength)
      : gathered(view, byteLength, source);
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
async function* gathered(
  view: TensorView,
  byteLength: number,
  source: StorageBytes,
): AsyncGenerator<Uint8Array> {
  const unit = dtypes[view.dtype].bytes;
  const span = new Uint8Array(view.span * unit);
  let filled = 0;
  const start = view.storage.start + view.offset * unit;
  for await (const piece of source.stream(view.storage.key, start, span.length)) {
    span.set(piece, filled);
    filled += piece.length;
  }
  const result = new Uint8Array(byteLength);
  pick(view, words(span.buffer, unit), words(result.buffer, unit));
  yield result;
}

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

function words(buffer: ArrayBuffer, unit: number): Words {
  if (unit === 1) return new Uint8Array(buffer);
  if (unit === 2) return new Uint16Array(buffer);
  return unit === 4 ? new Uint32Array(buffer) : new BigUint64Array(buffer);
}

function pick(view: TensorView, from: Words, to: Words): void {
  // The stride of a dimension of size one has no effect and may be any number.
  const shape = view.shape.filter((size) => size !== 1);
  const strides = view.strides.filter((_, d) => view.shape[d] !== 1);
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at] as never;
    for (let d = shape.length - 1; d >= 0; d--) {
      const [size, stride, next] = [shape[d] ?? 1, strides[d] ?? 0, (index[d] ?? 0) + 1];
      at += stride;
      if (next < size) {
        index[d] = next;
        break;
      }
      at -= size * stride;
      index[d] = 0;
    }
  }
}
