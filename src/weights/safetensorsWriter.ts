import { N2uqError } from "../errors.js";
import { writeAtomic } from "./atomic.js";
import { dtypes } from "./dtypes.js";
import type { HostTensor, StoredTensor } from "./types.js";

const LENGTH_BYTES = 8;

/** Writes tensors in memory in the safetensors format, atomically. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const stored = [...tensors].map(([name, { dtype, shape, data }]): [string, StoredTensor] => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const chunks = async function* () {
      yield bytes;
    };
    return [name, { dtype, shape, byteLength: bytes.length, chunks }];
  });
  await writeTensors(file, new Map(stored), metadata);
}

/**
 * Writes the safetensors format (8 bytes of header length, JSON header, raw little-endian values), atomically and piece
 * by piece. Larger formats come first, so that every tensor is aligned to its size.
 */
export async function writeTensors(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const ordered = [...tensors].sort(([, a], [, b]) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes);
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const [name, { dtype, shape, byteLength }] of ordered) {
    if (name === "__metadata__") throw new N2uqError("N2UQ_WEIGHTS_RESERVED_NAME", { name });
    const end = offset + byteLength;
    entries.push([name, { dtype: dtypes[dtype].code, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Buffer.alloc(Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES, " ");
  text.copy(padded);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  const pieces = async function* () {
    yield length;
    yield padded;
    for (const [, tensor] of ordered) yield* tensor.chunks();
  };
  await writeAtomic(file, pieces());
}
