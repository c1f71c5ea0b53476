import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../cache.js";

/**
 * A file of the user's cache that holds what was found in a folder or in tar files: one line of JSON, then bytes.
 * What can't be read back counts as not there.
 */
export async function readIndex(key: string): Promise<{ head: unknown; bytes: Buffer } | null> {
  try {
    const content = await readFile(indexFile(key));
    const end = content.indexOf(10);
    const head: unknown = JSON.parse(content.toString("utf8", 0, end));
    const bytes = content.subarray(end + 1);
    const { digest } = head as { digest?: string };
    return digest === digestOf(bytes) ? { head, bytes } : null;
  } catch {
    return null;
  }
}

/** Writes such a file under another name and renames it. @returns why it could not, or null */
export async function writeIndex(
  key: string,
  head: object,
  parts: readonly Uint8Array[],
): Promise<string | null> {
  const file = indexFile(key);
  const temporary = `${file}.${process.pid}.${Date.now()}`;
  const bytes = Buffer.concat(parts);
  const line = `${JSON.stringify({ ...head, digest: digestOf(bytes) })}\n`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, Buffer.concat([Buffer.from(line), bytes]));
    await rename(temporary, file);
    return null;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    return error instanceof Error ? error.message : String(error);
  }
}

function indexFile(key: string): string {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 24);
  return join(cacheFolder(), "..", "indexes", `${name}.index`);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}
