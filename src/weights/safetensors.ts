import { ByteFile } from "./bytes.js";
import type { Dtype } from "./dtypes.js";
import { dtypeOfCode, dtypes } from "./dtypes.js";
import { shown } from "./faults.js";
import { loadTensors } from "./load.js";
import type { HostTensor, StoredTensor, WeightsFile } from "./types.js";

export { writeSafetensors, writeTensors } from "./safetensorsWriter.js";
export type { HostTensor } from "./types.js";

export interface SafetensorsFile {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

const LENGTH_BYTES = 8;
/** As the format's own library has it. */
const MOST_HEADER_BYTES = 100_000_000;

/**
 * Reads every tensor: floats as float32, integers as int64.
 * @throws N2uqError N2UQ_WEIGHTS_CORRUPT when the file is not whole or not safetensors, N2UQ_WEIGHTS_UNREADABLE
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await ByteFile.open(path);
  try {
    const { tensors, extras } = await openSafetensors(file);
    return { tensors: await loadTensors(tensors), metadata: Object.fromEntries(extras) };
  } finally {
    await file.close();
  }
}

/**
 * Reads the header (8 bytes of length, JSON) and checks it: every tensor has the bytes that its shape needs, and together
 * they cover the rest of the file without a gap, as the format asks.
 * @throws N2uqError N2UQ_WEIGHTS_CORRUPT
 */
export async function openSafetensors(file: ByteFile): Promise<WeightsFile> {
  const { corrupt } = file.faults;
  if (file.size < LENGTH_BYTES) throw corrupt("it is shorter than its header");
  const length = new DataView((await file.read(0, LENGTH_BYTES)).buffer).getBigUint64(0, true);
  if (length > BigInt(file.size - LENGTH_BYTES)) throw corrupt("its header is cut off");
  if (length > BigInt(MOST_HEADER_BYTES)) throw corrupt(`its header has ${length} bytes`);
  const body = LENGTH_BYTES + Number(length);
  const header = parse(await file.read(LENGTH_BYTES, Number(length)));
  if (header === null) throw corrupt("its header is not JSON");
  const tensors = new Map<string, StoredTensor>();
  const entries: Entry[] = [];
  for (const [name, written] of header) {
    if (name === "__metadata__") continue;
    const entry = checkEntry(file, name, written);
    entries.push(entry);
    tensors.set(name, stored(file, entry, body));
  }
  checkCover(file, entries, file.size - body);
  const extras = metadataOf(file, header.get("__metadata__"));
  const { path, size } = file;
  return {
    file: path,
    format: "safetensors",
    bytes: size,
    key: "",
    prefix: "",
    tensors,
    extras,
    close: () => file.close(),
  };
}

/** A Map, so that a tensor may be called `__proto__`. */
function parse(bytes: Uint8Array): Map<string, unknown> | null {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const isObject = typeof header === "object" && header !== null && !Array.isArray(header);
    return isObject ? new Map(Object.entries(header)) : null;
  } catch {
    return null;
  }
}

function checkEntry(file: ByteFile, name: string, written: unknown): Entry {
  const corrupt = (reason: string) => file.faults.corrupt(`tensor ${shown(name)} ${reason}`);
  if (typeof written !== "object" || written === null) throw corrupt("is not described");
  const { dtype: code, shape, data_offsets: offsets } = written as Record<string, unknown>;
  const dtype = typeof code === "string" ? dtypeOfCode(code) : undefined;
  if (dtype === undefined) throw corrupt(`is of the unknown type ${shown(String(code))}`);
  if (!isCounts(shape)) throw corrupt("has no shape");
  if (!isCounts(offsets) || offsets.length !== 2) throw corrupt("has no place");
  const [from, to] = [offsets[0] ?? 0, offsets[1] ?? 0];
  const wanted = shape.reduce((product, size) => product * size, dtypes[dtype].bytes);
  if (to - from !== wanted) throw corrupt(`has ${to - from} bytes where its shape needs ${wanted}`);
  return { dtype, shape, from, to };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function stored(file: ByteFile, { dtype, shape, from, to }: Entry, body: number): StoredTensor {
  return { dtype, shape, byteLength: to - from, chunks: () => file.stream(body + from, to - from) };
}

function checkCover(file: ByteFile, entries: readonly Entry[], bodyBytes: number): void {
  let end = 0;
  for (const { from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end)
      throw file.faults.corrupt(from < end ? "tensors overlap in it" : "it has a gap between tensors");
    end = to;
  }
  if (end > bodyBytes)
    throw file.faults.corrupt(`it is cut off: ${bodyBytes} of ${end} bytes of tensors are there`);
  if (end < bodyBytes) throw file.faults.corrupt(`${bodyBytes - end} bytes at its end belong to no tensor`);
}

function metadataOf(file: ByteFile, written: unknown): Map<string, string> {
  if (written === undefined) return new Map();
  const entries = typeof written === "object" && written !== null ? Object.entries(written) : [];
  if (entries.every(([, value]) => typeof value === "string") && !Array.isArray(written))
    return new Map(entries);
  throw file.faults.corrupt("its metadata are not texts");
}
