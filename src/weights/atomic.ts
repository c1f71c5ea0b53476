import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "../files/temporary.js";

/**
 * Writes a file so that a reader, or a machine that dies half-way, sees either the old content or the new: temporary name,
 * flush, rename, flush of the folder. A failed write (disk full) leaves the old file and no rubbish.
 */
export async function writeAtomic(
  file: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, "w");
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
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
