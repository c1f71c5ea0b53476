import type { FileHandle } from "node:fs/promises";
import { type PaxRecords, paxRecords, tarHeader, textIn } from "./tarHeader.js";

/** A regular file in a tar file. */
export interface TarMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Reads its content; call before advancing to the next member. */
  read(): Promise<Buffer>;
}

const BLOCK = 512;
/** Size of one read: small members and the next header are read together. */
const WINDOW = 16 * BLOCK;
/** Maximum size of a member's name or pax records; tar files of images have shorter ones. */
const MOST_DESCRIPTION = 1 << 20;
/**
 * How many bytes after the end marker are checked to be zero padding; a blocking factor is at most a few
 * thousand blocks.
 */
const MOST_PADDING = 4 << 20;

/**
 * Yields the regular files of a tar file (POSIX ustar and pax, GNU long names) in order, skipping their
 * content. Each member begins after the previous one, so the loop ends with the file. @returns whether the
 * end marker is present @throws Error with a short reason if the file is not intact; the signal's reason if
 * it is aborted
 */
export async function* tarMembers(
  handle: FileHandle,
  signal?: AbortSignal,
): AsyncGenerator<TarMember, boolean> {
  const { size: end } = await handle.stat();
  const window = new Window(handle);
  let [at, longName]: [number, string] = [0, ""];
  let pax: PaxRecords = {};
  while (at < end) {
    signal?.throwIfAborted();
    if (at + BLOCK > end) throw new Error(`it ends within the header at byte ${at}`);
    const block = await window.read(at, BLOCK);
    if (isZero(block)) {
      await checkRest(window, at + BLOCK, end);
      return true;
    }
    const { name, type, size: own } = placed(at, () => tarHeader(block));
    const size = type === "file" ? (pax.size ?? own) : own;
    const offset = at + BLOCK;
    if (size > end - offset)
      throw new Error(
        `it ends within the member at byte ${at}, which has ${size.toLocaleString("en")} bytes`,
      );
    if (type === "path" || type === "records") {
      if (size > MOST_DESCRIPTION) throw new Error(`the name of the member at byte ${at} is too long`);
      const bytes = await window.read(offset, size);
      if (type === "path") longName = textIn(bytes, 0, size);
      else pax = placed(at, () => paxRecords(bytes));
    } else if (type === "file") {
      const read = () => window.read(offset, size);
      yield { name: pax.path ?? (longName || name), offset, size, read };
    }
    if (type === "file" || type === "other") [longName, pax] = ["", {}];
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
  }
  return false;
}

/** Adds the position in the file to an error. */
function placed<Value>(at: number, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error} (at byte ${at})`, { cause: error });
  }
}

/**
 * Rejects content after the end marker, because members of a second tar file would be ignored silently.
 * @throws Error
 */
async function checkRest(window: Window, from: number, end: number): Promise<void> {
  for (let at = from; at < Math.min(end, from + MOST_PADDING); at += WINDOW) {
    if (isZero(await window.read(at, Math.min(WINDOW, end - at)))) continue;
    throw new Error(
      `there is data after its end marker at byte ${from - BLOCK}; join tar files with tar --concatenate`,
    );
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Reads small, mostly consecutive pieces of a file. */
class Window {
  readonly #handle: FileHandle;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws Error if the file became shorter */
  async read(offset: number, size: number): Promise<Buffer> {
    if (offset < this.#start || offset + size > this.#start + this.#bytes.length) {
      const bytes = Buffer.alloc(Math.max(WINDOW, size));
      const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, offset);
      this.#bytes = bytes.subarray(0, bytesRead);
      this.#start = offset;
    }
    const piece = this.#bytes.subarray(offset - this.#start, offset - this.#start + size);
    if (piece.length < size) throw new Error(`it became shorter while it was read, at byte ${offset}`);
    return piece;
  }
}
