import type { ByteFile } from "../bytes.js";
import { shown } from "../faults.js";

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Size in the archive; differs from the content's size only if compressed. */
  readonly packed: number;
  readonly isStored: boolean;
  /** CRC-32 of its content; 0 if the writer omitted it. */
  readonly crc: number;
  /** Offset of the next entry, or of the directory. */
  readonly end: number;
}

const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [END_BYTES, LOCATOR_BYTES, END64_BYTES, CENTRAL_BYTES, LOCAL_BYTES] = [22, 20, 56, 46, 30];
const MOST_DIRECTORY_BYTES = 32 * 1024 * 1024;
const UNKNOWN = 0xffffffff;
const text = new TextDecoder("utf-8");

/**
 * Reads the central directory of a zip archive, including zip64. Rejects entries that are encrypted, overlap,
 * share a name or exceed the archive. Never decompresses: PyTorch stores tensors uncompressed. @throws
 * N2uqError N2UQ_WEIGHTS_CORRUPT, N2UQ_WEIGHTS_UNSUPPORTED
 */
export async function readDirectory(file: ByteFile): Promise<Map<string, ZipEntry>> {
  const { start, size } = await findDirectory(file);
  const bytes = await file.read(start, size);
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, Omit<ZipEntry, "end">>();
  for (let at = 0; at < size; ) {
    const [entry, length] = readEntry(file, view, at);
    if (entries.has(entry.name)) throw file.faults.corrupt(`its entry ${shown(entry.name)} appears twice`);
    entries.set(entry.name, entry);
    at += length;
  }
  return placed(file, [...entries.values()], start);
}

/** Offset of an entry's content. @throws N2uqError N2UQ_WEIGHTS_CORRUPT, N2UQ_WEIGHTS_UNSUPPORTED */
export async function contentStart(file: ByteFile, entry: ZipEntry): Promise<number> {
  if (!entry.isStored) {
    throw file.faults.unsupported(
      `the entry ${shown(entry.name)} is compressed: save it again with torch.save`,
    );
  }
  const bytes = await file.read(entry.offset, LOCAL_BYTES);
  const view = new DataView(bytes.buffer);
  const start = entry.offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (view.getUint32(0, true) === LOCAL && start + entry.size <= entry.end) return start;
  throw file.faults.corrupt(`its entry ${shown(entry.name)} is not where its directory says`);
}

async function findDirectory(file: ByteFile): Promise<{ start: number; size: number }> {
  const tailBytes = Math.min(file.size, END_BYTES + 0xffff);
  const tail = new DataView((await file.read(file.size - tailBytes, tailBytes)).buffer);
  let at = tailBytes - END_BYTES;
  while (
    at >= 0 &&
    !(tail.getUint32(at, true) === END && at + END_BYTES + tail.getUint16(at + 20, true) === tailBytes)
  )
    at--;
  if (at < 0) throw file.faults.corrupt("it is truncated: the zip archive's directory is missing");
  const place = { start: tail.getUint32(at + 16, true), size: tail.getUint32(at + 12, true) };
  const end = file.size - tailBytes + at;
  const large = await findLargeDirectory(file, end);
  const { start, size } = large ?? place;
  if (start + size > end) throw file.faults.corrupt("its zip archive's directory is not where it should be");
  if (size > MOST_DIRECTORY_BYTES) throw file.faults.unsupported(`a zip directory of ${size} bytes`);
  return { start, size };
}

/** The zip64 directory, for archives above 4 GB; PyTorch always writes it. */
async function findLargeDirectory(
  file: ByteFile,
  end: number,
): Promise<{ start: number; size: number } | null> {
  if (end < LOCATOR_BYTES) return null;
  const locator = new DataView((await file.read(end - LOCATOR_BYTES, LOCATOR_BYTES)).buffer);
  if (locator.getUint32(0, true) !== LOCATOR64) return null;
  const at = Number(locator.getBigUint64(8, true));
  const view = new DataView((await file.read(at, END64_BYTES)).buffer);
  if (view.getUint32(0, true) !== END64) throw file.faults.corrupt("its zip64 directory is missing");
  return { start: Number(view.getBigUint64(48, true)), size: Number(view.getBigUint64(40, true)) };
}

function readEntry(
  file: ByteFile,
  view: DataView,
  at: number,
): [entry: Omit<ZipEntry, "end">, length: number] {
  const { corrupt, unsupported } = file.faults;
  if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL)
    throw corrupt("its zip directory is damaged");
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const length = CENTRAL_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (at + length > view.byteLength) throw corrupt("its zip directory is truncated");
  const name = text.decode(new Uint8Array(view.buffer, at + CENTRAL_BYTES, nameBytes));
  const extra = new DataView(view.buffer, at + CENTRAL_BYTES + nameBytes, extraBytes);
  const short = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const [size, packed, offset] = longFields(extra, short);
  if ((view.getUint16(at + 8, true) & 1) === 1) throw unsupported("an encrypted zip archive");
  const isStored = view.getUint16(at + 10, true) === 0;
  if (size === undefined || packed === undefined || offset === undefined || (isStored && size !== packed))
    throw corrupt(`its entry ${shown(name)} has two sizes`);
  return [{ name, offset, size, packed, isStored, crc: view.getUint32(at + 16, true) }, length];
}

/** Replaces each value that exceeded 32 bits by the next value of the zip64 extra field. */
function longFields(extra: DataView, short: readonly number[]): (number | undefined)[] {
  const long: number[] = [];
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    const end = Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true));
    if (extra.getUint16(at, true) !== 1) continue;
    for (let i = at + 4; i + 8 <= end; i += 8) long.push(Number(extra.getBigUint64(i, true)));
    break;
  }
  return short.map((value) => (value === UNKNOWN ? long.shift() : value));
}

/** Entries with their end offsets, by name. */
function placed(
  file: ByteFile,
  entries: readonly Omit<ZipEntry, "end">[],
  directory: number,
): Map<string, ZipEntry> {
  const byPlace = [...entries].sort((a, b) => a.offset - b.offset);
  return new Map(
    byPlace.map((entry, i) => {
      const end = byPlace[i + 1]?.offset ?? directory;
      if (entry.offset + LOCAL_BYTES + Buffer.byteLength(entry.name) + entry.packed > end)
        throw file.faults.corrupt(`its entry ${shown(entry.name)} overlaps what comes after it`);
      return [entry.name, { ...entry, end }];
    }),
  );
}
