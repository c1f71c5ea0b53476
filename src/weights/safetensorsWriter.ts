import { N2uqError } from "../errors.js";
import { writeAtomic } from "./atomic.js";
import { dtypes } from "./dtypes.js";
import { shown } from "./faults.js";
import { HEADER_KEY, hashed, sealHeader, TENSORS_KEY, ZEROS } from "./sealed.js";
import type { HostTensor, StoredTensor } from "./types.js";

const LENGTH_BYTES = 8;

/** Writes tensors in memory in the safetensors format, atomically and with checksums. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  const stored = [...tensors].map(([name, { dtype, shape, data }]): [string, StoredTensor] => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const chunks = async function* () {
      yield bytes;
    };
    return [name, { dtype, shape, byteLength: bytes.length, chunks }];
  });
  await writeTensors(file, new Map(stored), metadata, beforeRename);
}

/**
 * Writes the safetensors format (8 bytes of header length, JSON header, raw little-endian values) with
 * checksums in its metadata (`sealed.ts`), atomically and in chunks. Larger dtypes come first, so that every
 * tensor is aligned to its size. The header is written twice, because the checksums are known only after the
 * values. @throws N2uqError N2UQ_WEIGHTS_RESERVED_NAME
 */
export async function writeTensors(
  file: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  const ordered = [...tensors].sort(([, a], [, b]) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes);
  const checksums = new Map(ordered.map(([name]) => [name, ZEROS]));
  const pieces = async function* () {
    yield headerOf(ordered, metadata, checksums);
    for (const [name, tensor] of ordered)
      yield* hashed(tensor.chunks(), (checksum) => checksums.set(name, checksum));
  };
  const head = () => sealHeader(headerOf(ordered, metadata, checksums));
  await writeAtomic(file, pieces(), { head, beforeRename });
}

/**
 * Returns the header's length in eight bytes and the header, in which zeros take the place of its own
 * checksum. The length does not depend on the values of the checksums.
 */
function headerOf(
  ordered: readonly (readonly [name: string, tensor: StoredTensor])[],
  metadata: Readonly<Record<string, string>>,
  checksums: ReadonlyMap<string, string>,
): Buffer {
  const sums = { [TENSORS_KEY]: JSON.stringify(Object.fromEntries(checksums)), [HEADER_KEY]: ZEROS };
  const entries: [string, unknown][] = [["__metadata__", { ...metadata, ...sums }]];
  let offset = 0;
  for (const [name, { dtype, shape, byteLength }] of ordered) {
    // A name with half of a surrogate pair is rejected, because other readers reject it.
    if (name === "__metadata__" || /\p{Cs}/u.test(name))
      throw new N2uqError("N2UQ_WEIGHTS_RESERVED_NAME", { name: shown(name) });
    const end = offset + byteLength;
    entries.push([name, { dtype: dtypes[dtype].code, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head = Buffer.alloc(LENGTH_BYTES + Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES, " ");
  head.writeBigUInt64LE(BigInt(head.length - LENGTH_BYTES));
  text.copy(head, LENGTH_BYTES);
  return head;
}
