import type { ByteFile } from "../bytes.js";
import { dtypes } from "../dtypes.js";
import { shown } from "../faults.js";
import { MOST_PICKLE_BYTES, type Pickled } from "./archive.js";
import { PickleEnd, PickleReader } from "./reader.js";
import { StorageTable } from "./storages.js";
import { unpickle } from "./unpickle.js";
import { Dict, List, type Value } from "./values.js";

/** The first value of the file: 0x1950a86a20f9469cfc6c as a pickle of protocol 2. */
export const LEGACY_MAGIC = [
  0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
];
const PROTOCOL = 1001;
const FIRST_WINDOW = 1024 * 1024;

interface Head {
  readonly root: Value;
  readonly keys: readonly Value[];
  readonly table: StorageTable;
  /** Offset of the storages. */
  readonly end: number;
}

/**
 * Opens a file of `torch.save` in the format before PyTorch 1.6: five consecutive pickles (magic number,
 * protocol, system, object, keys of the storages), then each storage as its count of values and the values.
 * The format has no checksums. @throws N2uqError N2UQ_WEIGHTS_*
 */
export async function openLegacy(file: ByteFile): Promise<Pickled> {
  const { root, keys, table, end } = await readHead(file);
  const places = await findStorages(file, keys, table, end);
  const stream = (key: string, offset: number, length: number): AsyncIterable<Uint8Array> => {
    const place = places.get(key);
    if (place === undefined) throw file.faults.corrupt(`its storage ${shown(key)} is missing`);
    return file.stream(place + offset, length);
  };
  return { root, storages: { stream } };
}

/**
 * Reads the pickles. The file does not state their length, so they are read from a window that grows until it
 * contains them.
 */
async function readHead(file: ByteFile): Promise<Head> {
  for (let window = FIRST_WINDOW; ; window *= 8) {
    const bytes = await file.read(0, Math.min(window, MOST_PICKLE_BYTES, file.size));
    try {
      return parseHead(file, bytes);
    } catch (error) {
      if (!(error instanceof PickleEnd)) throw error;
      if (bytes.length === file.size) throw file.faults.corrupt("it is truncated: its pickle does not end");
      if (bytes.length >= MOST_PICKLE_BYTES) throw file.faults.unsupported("a pickle of more than 64 MiB");
    }
  }
}

function parseHead(file: ByteFile, bytes: Uint8Array): Head {
  const table = new StorageTable(file.faults);
  const reader = new PickleReader(bytes, LEGACY_MAGIC.length);
  const next = () => unpickle(reader, file.faults, file.size, (id) => table.resolve(id));
  const protocol = next();
  if (protocol !== PROTOCOL) throw file.faults.corrupt("its protocol is not PyTorch's");
  const system = next();
  if (!(system instanceof Dict)) throw file.faults.corrupt("it does not name the system that wrote it");
  if (system.entries.get("little_endian") !== true) throw file.faults.unsupported("its byte order is big");
  const root = next();
  const keys = next();
  if (!(keys instanceof List)) throw file.faults.corrupt("the list of its storages is missing");
  return { root, keys: keys.items, table, end: reader.position };
}

async function findStorages(
  file: ByteFile,
  keys: readonly Value[],
  table: StorageTable,
  start: number,
): Promise<Map<string, number>> {
  const { corrupt } = file.faults;
  const places = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === "string" ? table.storages.get(key) : undefined;
    if (storage === undefined || places.has(storage.key))
      throw corrupt("the list of its storages is not that of its tensors");
    const count = new DataView((await file.read(at, 8)).buffer).getBigInt64(0, true);
    const unit = storage.dtype === null ? 1 : dtypes[storage.dtype].bytes;
    if (count * BigInt(unit) !== BigInt(storage.bytes))
      throw corrupt(`its storage ${shown(storage.key)} has another size than its tensors say`);
    places.set(storage.key, at + 8);
    at += 8 + storage.bytes;
    if (at > file.size) throw corrupt(`it is truncated: its storage ${shown(storage.key)} is incomplete`);
  }
  for (const key of table.storages.keys())
    if (!places.has(key)) throw corrupt(`its storage ${shown(key)} is missing`);
  return places;
}
