import { readFile } from "node:fs/promises";
import { N2uqError } from "../errors.js";
import { writeAtomic } from "./atomic.js";

/** A tensor on the host, in PyTorch's layout. */
export type HostTensor =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const dtypes = {
  F32: { name: "float32", bytes: 4, read: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  I64: { name: "int64", bytes: 8, read: (bytes: ArrayBuffer) => new BigInt64Array(bytes) },
} as const;

type Code = keyof typeof dtypes;

interface Entry {
  readonly dtype: Code;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes the safetensors format (8 bytes of header length, JSON header, raw little-endian values), atomically. 64-bit
 * tensors come first so that every tensor is aligned to its size.
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const ordered = [...tensors].sort(([, a], [, b]) =>
    a.dtype === b.dtype ? 0 : a.dtype === "int64" ? -1 : 1,
  );
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const end = offset + data.byteLength;
    header[name] = { dtype: dtype === "float32" ? "F32" : "I64", shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(
    text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - Buffer.byteLength(text) + text.length),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.byteLength));
  const bytes = ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await writeAtomic(file, [length, padded, ...bytes]);
}

/**
 * Reads float32 and int64 tensors.
 * @throws N2uqError N2UQ_WEIGHTS_CORRUPT when the file is not whole, not safetensors, or holds another dtype
 */
export async function readSafetensors(file: string): Promise<SafetensorsFile> {
  const content = await readFile(file);
  const corrupt = (reason: string) => new N2uqError("N2UQ_WEIGHTS_CORRUPT", { file, reason });
  if (content.byteLength < 8) throw corrupt("it is shorter than its header");
  const start = 8 + Number(content.readBigUInt64LE(0));
  if (start > content.byteLength) throw corrupt("its header is cut off");
  const header = parseHeader(content.toString("utf8", 8, start));
  if (header === null) throw corrupt("its header is not JSON");
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of Object.entries(entries as Record<string, Entry>)) {
    tensors.set(name, readTensor(name, entry, content.subarray(start), corrupt));
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseHeader(text: string): Record<string, unknown> | null {
  try {
    const header: unknown = JSON.parse(text);
    return typeof header === "object" && header !== null ? (header as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function readTensor(
  name: string,
  entry: Entry,
  body: Buffer,
  corrupt: (reason: string) => N2uqError,
): HostTensor {
  const type = Object.hasOwn(dtypes, entry.dtype) ? dtypes[entry.dtype] : undefined;
  if (type === undefined) throw corrupt(`tensor ${name} is of type ${entry.dtype}, not F32 or I64`);
  const [from, to] = entry.data_offsets;
  const wanted = type.bytes * entry.shape.reduce((product, n) => product * n, 1);
  if (to - from !== wanted)
    throw corrupt(`tensor ${name} has ${to - from} bytes where its shape needs ${wanted}`);
  if (from < 0 || to > body.byteLength) throw corrupt(`tensor ${name} is cut off`);
  const data = type.read(body.buffer.slice(body.byteOffset + from, body.byteOffset + to) as ArrayBuffer);
  return { dtype: type.name, shape: entry.shape, data } as HostTensor;
}
