import type { FileHandle } from "node:fs/promises";
import { copyFile, link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "../files/temporary.js";
import { targetOf } from "./target.js";

const GATHERED_BYTES = 256 * 1024;

export interface AtomicOptions {
  /** What is written over the file's beginning once the chunks are there; asked for then. */
  readonly head?: () => Uint8Array;
  /** Done when all is on the disk, just before the new content takes the old one's place. */
  readonly beforeRename?: () => Promise<void>;
}

/**
 * Writes a file so that a reader, or a machine that dies half-way, sees either the old content or the new: temporary name,
 * flush, rename, flush of the folder. A failed write (disk full) leaves the old file and no rubbish. Symbolic links are
 * followed; a device or a pipe is written as it is.
 * @throws a system error whose `path` is the file
 */
export async function writeAtomic(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
  { head, beforeRename }: AtomicOptions = {},
): Promise<void> {
  const { file, device } = targetOf(path);
  const temporary = device ? file : temporaryName(file);
  try {
    const handle = await open(temporary, "w");
    try {
      await writeChunks(handle, chunks);
      if (head !== undefined) await writeAt(handle, head());
      if (!device) await handle.sync();
    } finally {
      await handle.close();
    }
    await beforeRename?.();
    if (!device) await rename(temporary, file);
  } catch (error) {
    // On a disk that became read-only it stays.
    if (!device) await rm(temporary, { force: true }).catch(() => {});
    throw isSystemError(error) ? Object.assign(error, { path }) : error;
  }
  if (!device) await syncFolder(dirname(file));
}

/** Other errors may come from whoever made the chunks. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

/** Small pieces are gathered: a network has a thousand tensors of a few bytes. */
async function writeChunks(
  handle: FileHandle,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const gathered = Buffer.allocUnsafe(GATHERED_BYTES);
  let filled = 0;
  const flush = async () => {
    if (filled > 0) await handle.writeFile(gathered.subarray(0, filled));
    filled = 0;
  };
  for await (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (filled + bytes.length > gathered.length) await flush();
    if (bytes.length > gathered.length) await handle.writeFile(bytes);
    else {
      gathered.set(bytes, filled);
      filled += bytes.length;
    }
  }
  await flush();
}

/** Gives a file a second name, in one rename; where the file system has no links, a copy of it. */
export async function duplicate(file: string, second: string): Promise<void> {
  const temporary = `${second}.${process.pid}.tmp`;
  try {
    await rm(temporary, { force: true });
    await link(file, temporary).catch(() => copySynced(file, temporary));
    await rename(temporary, second);
  } finally {
    // A rename between two names of one file does nothing, and leaves both.
    await rm(temporary, { force: true });
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, "r+");
  await handle.sync().finally(() => handle.close());
}

async function writeAt(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
}

/** Not every platform can flush a folder; the rename is atomic all the same. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
