import { copyFile, type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "../files/temporary.js";
import { targetOf } from "./target.js";

const GATHERED_BYTES = 256 * 1024;

export interface AtomicOptions {
  /** Called after the chunks are written. Its result overwrites the beginning of the file. */
  readonly head?: () => Uint8Array;
  /** Called when the new content is completely on the disk, just before it replaces the old content. */
  readonly beforeRename?: (() => Promise<void>) | undefined;
}

/**
 * Writes a file atomically: at any time, also after a crash of the machine, the file has either the old or
 * the new content (temporary name, flush, rename, flush of the folder). A failed write (disk full) keeps the
 * old file and leaves no temporary file. Symbolic links are followed; devices and pipes are written directly.
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
    // If the disk has become read-only, the temporary file remains.
    if (!device) await rm(temporary, { force: true }).catch(() => {});
    throw isSystemError(error) ? Object.assign(error, { path }) : error;
  }
  if (!device) await syncFolder(dirname(file));
}

/** Whether the operating system reported the error. Other errors may come from the source of the chunks. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

/**
 * Writes chunks one after the other. Small chunks are buffered, because a network may have a thousand tensors
 * of a few bytes.
 */
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

/**
 * Gives a file a second name by a hard link and one rename; copies the file if the file system has no links.
 */
export async function duplicate(file: string, second: string): Promise<void> {
  const temporary = `${second}.${process.pid}.tmp`;
  try {
    await rm(temporary, { force: true });
    await link(file, temporary).catch(() => copySynced(file, temporary));
    await rename(temporary, second);
  } finally {
    // If both names are already links to one file, the rename does nothing and the temporary name remains.
    await rm(temporary, { force: true });
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, "r+");
  await handle.sync().finally(() => handle.close());
}

async function writeAt(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
}

/** Flushes a folder where the platform can; the rename is atomic in any case. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
