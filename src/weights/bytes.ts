import { type FileHandle, open, stat } from "node:fs/promises";
import { N2uqError } from "../errors.js";
import { type Faults, faultsOf } from "./faults.js";

/** Joins chunks whose total length is `length` bytes. */
export async function joined(
  pieces: AsyncIterable<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  for await (const piece of pieces) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
/** Small reads are extended to a block, because a file may have ten thousand tensors of a few bytes. */
const BLOCK_BYTES = 256 * 1024;
const SMALL_BYTES = 16 * 1024;

/** A file of which only the requested ranges are read, so its size may exceed the memory. */
export class ByteFile {
  readonly path: string;
  readonly size: number;
  readonly faults: Faults;
  readonly #handle: FileHandle;
  #block: { readonly from: number; readonly bytes: Uint8Array<ArrayBuffer> } = {
    from: 0,
    bytes: new Uint8Array(),
  };

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.faults = faultsOf(path);
    this.#handle = handle;
  }

  /** @throws N2uqError N2UQ_WEIGHTS_UNREADABLE */
  static async open(path: string): Promise<ByteFile> {
    const unreadable = (reason: string, cause?: unknown) =>
      new N2uqError("N2UQ_WEIGHTS_UNREADABLE", { file: path, reason }, { cause });
    const failed = (cause: NodeJS.ErrnoException): never => {
      throw unreadable(
        cause.code === "ENOENT" ? "there is no such file" : (cause.code ?? cause.message),
        cause,
      );
    };
    // Checked before opening, because opening a named pipe waits for its writer.
    const { isFile, isFolder } = await stat(path).then(
      (stats) => ({ isFile: stats.isFile(), isFolder: stats.isDirectory() }),
      failed,
    );
    if (!isFile) throw unreadable(isFolder ? "it is a folder" : "it is not a regular file");
    const handle = await open(path, "r").catch(failed);
    return new ByteFile(path, (await handle.stat()).size, handle);
  }

  /**
   * Reads exactly these bytes. @throws N2uqError N2UQ_WEIGHTS_CORRUPT if the file is shorter,
   * N2UQ_WEIGHTS_UNREADABLE if the disk fails
   */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw this.faults.corrupt(
        `it is truncated: bytes ${offset} to ${offset + length} are needed, but it has ${this.size}`,
      );
    }
    if (length > SMALL_BYTES) return this.#fill(offset, length);
    const isHeld =
      offset >= this.#block.from && offset + length <= this.#block.from + this.#block.bytes.length;
    if (!isHeld) {
      const bytes = await this.#fill(offset, Math.min(BLOCK_BYTES, this.size - offset));
      this.#block = { from: offset, bytes };
    }
    const from = offset - this.#block.from;
    return this.#block.bytes.slice(from, from + length);
  }

  async #fill(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const step = Math.min(CHUNK_BYTES, length - done);
      const { bytesRead } = await this.#handle
        .read(bytes, done, step, offset + done)
        .catch((cause: NodeJS.ErrnoException) => {
          const reason = cause.code ?? cause.message;
          throw new N2uqError("N2UQ_WEIGHTS_UNREADABLE", { file: this.path, reason }, { cause });
        });
      if (bytesRead === 0) throw this.faults.corrupt("it became shorter while it was read");
      done += bytesRead;
    }
    return bytes;
  }

  /** Reads the same bytes as `read`, in chunks. */
  async *stream(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < length; done += CHUNK_BYTES)
      yield await this.read(offset + done, Math.min(CHUNK_BYTES, length - done));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
