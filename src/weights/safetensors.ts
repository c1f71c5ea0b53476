import { ByteFile } from "./bytes.js";
import { type Dtype, dtypes, dtypesByCode } from "./dtypes.js";
import { shown } from "./faults.js";
import { loadTensors } from "./load.js";
import { type Header, HeaderFault, parseHeader } from "./safetensorsHeader.js";
import { checksumsOf, compared, HEADER_KEY, TENSORS_KEY } from "./sealed.js";
import { elementsOf, isCountable, MOST_DIMENSIONS } from "./shape.js";
import type { HostTensor, StoredTensor, WeightsFile } from "./types.js";

export { writeSafetensors, writeTensors } from "./safetensorsWriter.js";
export type { HostTensor } from "./types.js";

/** The content of a safetensors file. */
export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the file has checksums of its entire content. If so, they matched. */
  readonly sealed: boolean;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

const LENGTH_BYTES = 8;
/** Maximum size of the header, which is held in memory; a header of 100,000 tensors has about 12 MB. */
const MOST_HEADER_BYTES = 32 * 1024 * 1024;

/**
 * Reads every tensor: floats as float32, integers as int64. Verifies n2uq's checksums. @throws N2uqError
 * N2UQ_WEIGHTS_CORRUPT if the file is not intact or not safetensors, N2UQ_WEIGHTS_UNREADABLE,
 * N2UQ_WEIGHTS_UNSUPPORTED
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await ByteFile.open(path);
  try {
    const { tensors, extras, checksums } = await openSafetensors(file);
    const metadata = Object.fromEntries(extras);
    return { tensors: await loadTensors(tensors), metadata, sealed: checksums };
  } finally {
    await file.close();
  }
}

/**
 * Reads the header (8 bytes of length, JSON) and checks it: every tensor has the bytes of its shape, and
 * together they cover the rest of the file without gaps, as the format requires. @throws N2uqError
 * N2UQ_WEIGHTS_CORRUPT, N2UQ_WEIGHTS_UNSUPPORTED
 */
export async function openSafetensors(file: ByteFile): Promise<WeightsFile> {
  const head = await readHead(file);
  const header = headerOf(file, head);
  const metadata = metadataOf(file, header.get("__metadata__"));
  const checksums = checksumsOf(head, metadata, file.faults);
  header.delete("__metadata__");
  const entries = [...header].map(([name, written]) => checkEntry(file, name, written));
  checkCover(file, entries, file.size - head.length);
  if (
    checksums !== null &&
    !(checksums.size === entries.length && entries.every(({ name }) => checksums.has(name)))
  )
    throw file.faults.corrupt("its checksums are not those of its tensors");
  for (const key of [TENSORS_KEY, HEADER_KEY]) metadata.delete(key);
  const { path, size } = file;
  return {
    file: path,
    format: "safetensors",
    bytes: size,
    key: "",
    prefix: "",
    checksums: checksums !== null,
    tensors: new Map(
      entries.map((entry) => [entry.name, stored(file, entry, head.length, checksums?.get(entry.name))]),
    ),
    extras: metadata,
    close: () => file.close(),
  };
}

/** Reads the eight bytes of the header's length, and the header. */
async function readHead(file: ByteFile): Promise<Uint8Array> {
  const { corrupt, unsupported } = file.faults;
  if (file.size < LENGTH_BYTES) throw corrupt("it is shorter than its header");
  const length = new DataView((await file.read(0, LENGTH_BYTES)).buffer).getBigUint64(0, true);
  if (length > BigInt(file.size - LENGTH_BYTES)) throw corrupt("its header is truncated");
  if (length > BigInt(MOST_HEADER_BYTES)) throw unsupported(`a header of ${length} bytes`);
  return file.read(0, LENGTH_BYTES + Number(length));
}

function headerOf(file: ByteFile, head: Uint8Array): Header {
  try {
    return parseHeader(head.subarray(LENGTH_BYTES));
  } catch (error) {
    if (!(error instanceof HeaderFault)) throw error;
    throw error.isLarge ? file.faults.unsupported(error.message) : file.faults.corrupt(error.message);
  }
}

function checkEntry(file: ByteFile, name: string, written: unknown): Entry {
  const corrupt = (reason: string) => file.faults.corrupt(`tensor ${shown(name)} ${reason}`);
  if (typeof written !== "object" || written === null) throw corrupt("is not described");
  const { dtype: code, shape, data_offsets: offsets } = written as Record<string, unknown>;
  if (typeof code !== "string") throw corrupt("has no type");
  const dtype = dtypesByCode.get(code);
  if (dtype === undefined) throw unknownType(file, name, code);
  if (!isCounts(shape) || shape.length > MOST_DIMENSIONS || !isCountable(shape))
    throw corrupt("has no valid shape");
  if (!isCounts(offsets) || offsets.length !== 2) throw corrupt("has no valid data_offsets");
  const [from, to] = [offsets[0] ?? 0, offsets[1] ?? 0];
  const expectedBytes = elementsOf(shape) * dtypes[dtype].bytes;
  if (to - from !== expectedBytes)
    throw corrupt(`has ${to - from} bytes where its shape needs ${expectedBytes}`);
  return { name, dtype, shape, from, to };
}

function unknownType(file: ByteFile, name: string, code: string): Error {
  const read = Object.values(dtypes).map((one) => one.code);
  return file.faults.unsupported(
    `tensor ${shown(name)} is of the type ${shown(code)}`,
    `n2uq reads the types ${read.join(", ")}. Convert the tensor in Python (tensor.float()) and save the file again; if it should be of one of these types, the file is damaged.`,
  );
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function stored(file: ByteFile, entry: Entry, body: number, checksum: string | undefined): StoredTensor {
  const { name, dtype, shape, from, to } = entry;
  const read = () => file.stream(body + from, to - from);
  const chunks = checksum === undefined ? read : () => compared(name, read(), checksum, file.faults);
  return { dtype, shape, byteLength: to - from, chunks };
}

function checkCover(file: ByteFile, entries: readonly Entry[], bodyBytes: number): void {
  let end = 0;
  for (const { from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end)
      throw file.faults.corrupt(from < end ? "tensors overlap in it" : "it has a gap between tensors");
    end = to;
  }
  if (end > bodyBytes)
    throw file.faults.corrupt(`it is truncated: it has ${bodyBytes} of ${end} bytes of tensors`);
  if (end < bodyBytes) throw file.faults.corrupt(`${bodyBytes - end} bytes at its end belong to no tensor`);
}

function metadataOf(file: ByteFile, written: unknown): Map<string, string> {
  if (written === undefined) return new Map();
  const entries = typeof written === "object" && written !== null ? Object.entries(written) : [];
  if (entries.every(([, value]) => typeof value === "string") && !Array.isArray(written))
    return new Map(entries);
  throw file.faults.corrupt("its metadata are not strings");
}
