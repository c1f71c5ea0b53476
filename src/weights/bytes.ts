import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { N2uqError } from "../errors.js";
import type { Faults } from "./faults.js";
import { faultsOf } from "./faults.js";

const CHUNK_BYTES = 4 * 1024 * 1024;

/** A file that is read by range, so that its size does not matter. */
export class ByteFile {
  readonly path: string;
  readonly size: number;
  readonly faults: Faults;
  readonly #handle: FileHandle;

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
    const handle = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
      throw unreadable(
        cause.code === "ENOENT" ? "there is no such file" : (cause.code ?? cause.message),
        cause,
      );
    });
    const stats = await handle.stat();
    if (stats.isFile()) return new ByteFile(path, stats.size, handle);
    await handle.close();
    throw unreadable(stats.isDirectory() ? "it is a folder" : "it is not a regular file");
  }

  /** Exactly these bytes. @throws N2uqError N2UQ_WEIGHTS_CORRUPT when the file ends before them */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw this.faults.corrupt(
        `it is cut off: bytes ${offset} to ${offset + length} of ${this.size} are asked for`,
      );
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const step = Math.min(CHUNK_BYTES, length - done);
      const { bytesRead } = await this.#handle.read(bytes, done, step, offset + done);
      if (bytesRead === 0) throw this.faults.corrupt("it became shorter while it was read");
      done += bytesRead;
    }
    return bytes;
  }

  /** The same bytes piece by piece. */
  async *stream(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < length; done += CHUNK_BYTES) {
      yield await this.read(offset + done, Math.min(CHUNK_BYTES, length - done));
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
