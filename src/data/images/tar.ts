import type { FileHandle } from "node:fs/promises";

/** A regular file in a tar file. */
export interface TarMember {
  readonly name: string;
  /** Where its bytes begin. */
  readonly offset: number;
  readonly size: number;
  /** Its bytes; to be asked for before the next member. */
  read(): Promise<Buffer>;
}

const BLOCK = 512;
/** How much is read at a time: small members and the header after them come with one read. */
const WINDOW = 16 * BLOCK;

/**
 * The regular files of a tar file (POSIX ustar and pax, GNU long names), in order; their content is passed over.
 * @throws Error with a short reason where it is no whole tar file
 */
export async function* tarMembers(handle: FileHandle): AsyncGenerator<TarMember, void> {
  const { size: end } = await handle.stat();
  const window = new Window(handle);
  let [at, longName] = [0, ""];
  while (at + BLOCK <= end) {
    const header = await window.read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (!hasRightSum(header)) throw new Error(`no member's header at byte ${at}`);
    const size = sizeIn(header);
    const offset = at + BLOCK;
    if (offset + size > end) throw new Error(`it ends within the member at byte ${at}`);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") longName = textIn(await window.read(offset, size), 0, size);
    else if (type === "x") longName = paxPath(await window.read(offset, size)) ?? longName;
    else {
      const read = () => window.read(offset, size);
      const isFile = type === "0" || type === "\0" || type === "7";
      if (isFile) yield { name: longName || nameIn(header), offset, size, read };
      longName = "";
    }
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (at === 0) throw new Error("it is too short");
}

/** Reads small pieces of a file that mostly follow each other. */
class Window {
  readonly #handle: FileHandle;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(offset: number, size: number): Promise<Buffer> {
    if (offset < this.#start || offset + size > this.#start + this.#bytes.length) {
      const bytes = Buffer.alloc(Math.max(WINDOW, size));
      const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, offset);
      this.#bytes = bytes.subarray(0, bytesRead);
      this.#start = offset;
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + size);
  }
}

/** The header's sum counts its own field as blanks. */
function hasRightSum(header: Buffer): boolean {
  let sum = 8 * 32;
  header.forEach((byte, i) => {
    if (i < 148 || i >= 156) sum += byte;
  });
  return Number.parseInt(textIn(header, 148, 8).trim(), 8) === sum;
}

/** Octal digits, or (GNU, beyond 8 GB) a number in base 256. */
function sizeIn(header: Buffer): number {
  if ((header[124] ?? 0) & 0x80) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(textIn(header, 124, 12).trim() || "0", 8);
}

function nameIn(header: Buffer): string {
  const name = textIn(header, 0, 100);
  const prefix = textIn(header, 257, 5) === "ustar" ? textIn(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** `12 path=abc\n`: the record's own length, a key and a value. */
function paxPath(records: Buffer): string | undefined {
  let at = 0;
  while (at < records.length) {
    const length = Number.parseInt(records.toString("latin1", at, at + 20), 10);
    if (!(length > 0)) return undefined;
    const record = records.toString("utf8", at, at + length);
    const found = /^\d+ path=(.*)\n$/s.exec(record)?.[1];
    if (found !== undefined) return found;
    at += length;
  }
  return undefined;
}

function textIn(bytes: Buffer, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? field.length : end);
}
