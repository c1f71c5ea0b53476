import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSource, TextList } from "../types.js";

const MOST_OPEN = 64;

/** Text `index` of the list, without its terminator. */
export function textAt({ bytes, starts }: TextList, index: number): string {
  const from = starts[index] ?? 0;
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + from,
    (starts[index + 1] ?? from + 1) - from - 1,
  ).toString();
}

/** The path of image `entry`: a file's path below the root, or a tar file's path and the member's name. */
export function pathOf(source: ImageSource, entry: number): string {
  const name = textAt(source.names, entry);
  if (source.kind === "shards") return `${source.files[source.shard[entry] ?? 0]}/${name}`;
  return join(source.root, source.folders[folderOf(source.firsts, entry)] ?? "", name);
}

/** The folder whose range of files contains `entry`. */
function folderOf(firsts: Uint32Array, entry: number): number {
  let [low, high] = [0, firsts.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((firsts[middle] ?? 0) <= entry) low = middle;
    else high = middle;
  }
  return low;
}

/** Reads a regular file; reading anything else (a pipe, a device) could block forever. */
async function readChecked(path: string, check: (bytes: number) => void): Promise<Buffer> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error("not a regular file");
  check(found.size);
  return readFile(path);
}

/** Reads encoded images of a source; tar files stay open until `close`. */
export class ImageFiles {
  readonly #source: ImageSource;
  readonly #open = new Map<string, Promise<FileHandle>>();

  constructor(source: ImageSource) {
    this.#source = source;
  }

  /** @param check throws if a file has too many bytes @throws Error */
  async read(entry: number, check: (bytes: number) => void = () => {}): Promise<Buffer> {
    const source = this.#source;
    if (source.kind === "folder") return readChecked(pathOf(source, entry), check);
    const size = source.size[entry] ?? 0;
    check(size);
    const bytes = Buffer.allocUnsafe(size);
    const handle = await this.#handle(source.files[source.shard[entry] ?? 0] ?? "");
    const { bytesRead } = await handle.read(bytes, 0, size, source.offset[entry] ?? 0);
    if (bytesRead < size) throw new Error("the tar file ends within it");
    return bytes;
  }

  async close(): Promise<void> {
    const handles = [...this.#open.values()];
    this.#open.clear();
    for (const handle of handles) await handle.then((one) => one.close()).catch(() => {});
  }

  #handle(file: string): Promise<FileHandle> {
    const known = this.#open.get(file);
    this.#open.delete(file);
    const handle = known ?? open(file, "r");
    handle.catch(() => this.#open.delete(file));
    this.#open.set(file, handle);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      const old = this.#open.get(oldest);
      this.#open.delete(oldest);
      // Node.js closes the handle only after its pending reads.
      old?.then((one) => one.close()).catch(() => {});
    }
    return handle;
  }
}
