import { crc32 } from "node:zlib";
import { type ByteFile, joined } from "../bytes.js";
import { shown } from "../faults.js";
import { describeZip } from "../otherFormats.js";
import { PickleEnd, PickleReader } from "./reader.js";
import { StorageTable } from "./storages.js";
import { unpickle } from "./unpickle.js";
import type { Value } from "./values.js";
import type { StorageBytes } from "./views.js";
import { contentStart, readDirectory, type ZipEntry } from "./zip.js";

/** The pickled object of a PyTorch file, and the source of its storages. */
export interface Pickled {
  readonly root: Value;
  readonly storages: StorageBytes;
}

const PICKLE = "data.pkl";
/** Maximum size of the pickle, which is held in memory; a pickle of 100,000 tensors has about 20 MB. */
export const MOST_PICKLE_BYTES = 64 * 1024 * 1024;

/**
 * Opens a file of `torch.save` in the zip format (PyTorch 1.6 and later): `NAME/data.pkl`, `NAME/data/KEY`
 * for each storage. Verifies CRC-32 checksums. @throws N2uqError N2UQ_WEIGHTS_*
 */
export async function openArchive(file: ByteFile): Promise<Pickled> {
  const archive = new Archive(file, await readDirectory(file));
  const bytes = await archive.pickle();
  await archive.checkByteOrder();
  const table = new StorageTable(file.faults);
  try {
    const reader = new PickleReader(bytes);
    const root = unpickle(reader, file.faults, file.size, (id) => table.resolve(id));
    for (const { key, bytes } of table.storages.values()) archive.checkStorage(key, bytes);
    return { root, storages: archive };
  } catch (error) {
    if (error instanceof PickleEnd) throw file.faults.corrupt("its pickle is truncated");
    throw error;
  }
}

class Archive implements StorageBytes {
  readonly #file: ByteFile;
  readonly #entries: ReadonlyMap<string, ZipEntry>;
  readonly #folder: string;
  readonly #sound = new Set<string>();
  readonly #starts = new Map<ZipEntry, number>();

  constructor(file: ByteFile, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file;
    this.#entries = entries;
    const pickles = [...entries.keys()].filter((name) => name === PICKLE || name.endsWith(`/${PICKLE}`));
    const [pickle] = pickles;
    if (pickle === undefined) throw file.faults.unsupported(describeZip([...entries.keys()]));
    if (pickles.length > 1) throw file.faults.corrupt(`it has more than one ${PICKLE}`);
    this.#folder = pickle.slice(0, -PICKLE.length);
    if (entries.has(`${this.#folder}constants.pkl`))
      throw file.faults.unsupported("it is a TorchScript program, not a state dict");
  }

  async pickle(): Promise<Uint8Array> {
    const entry = this.#entry(PICKLE);
    if (entry.size > MOST_PICKLE_BYTES)
      throw this.#file.faults.unsupported(`a pickle of ${entry.size} bytes`);
    return joined(this.#checked(entry), entry.size);
  }

  async checkByteOrder(): Promise<void> {
    if (!this.#entries.has(`${this.#folder}byteorder`)) return;
    const entry = this.#entry("byteorder");
    const order =
      entry.size > 16 ? "?" : Buffer.from(await joined(this.#checked(entry), entry.size)).toString("latin1");
    if (order !== "little") throw this.#file.faults.unsupported(`its byte order is ${shown(order)}`);
  }

  checkStorage(key: string, bytes: number): void {
    const { size } = this.#entry(`data/${key}`);
    if (size !== bytes)
      throw this.#file.faults.corrupt(`its storage ${shown(key)} has ${size} bytes instead of ${bytes}`);
  }

  /** The first read verifies the checksum of the complete storage. */
  async *stream(key: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
    const entry = this.#entry(`data/${key}`);
    const isWhole = offset === 0 && length === entry.size;
    if (!isWhole && entry.crc !== 0 && !this.#sound.has(key)) for await (const _ of this.#checked(entry));
    if (isWhole) yield* this.#checked(entry);
    else yield* this.#file.stream((await this.#start(entry)) + offset, length);
    this.#sound.add(key);
  }

  async *#checked(entry: ZipEntry): AsyncGenerator<Uint8Array> {
    const start = await this.#start(entry);
    let crc = 0;
    for await (const piece of this.#file.stream(start, entry.size)) {
      crc = crc32(piece, crc);
      yield piece;
    }
    if (entry.crc !== 0 && crc !== entry.crc)
      throw this.#file.faults.corrupt(`the checksum of ${shown(entry.name)} does not match`);
  }

  async #start(entry: ZipEntry): Promise<number> {
    const start = this.#starts.get(entry) ?? (await contentStart(this.#file, entry));
    this.#starts.set(entry, start);
    return start;
  }

  #entry(path: string): ZipEntry {
    const entry = this.#entries.get(this.#folder + path);
    if (entry !== undefined) return entry;
    throw this.#file.faults.corrupt(`its entry ${shown(path)} is missing`);
  }
}
