import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryName } from "../../files/temporary.js";
import { makeFolder } from "../../folders.js";
import { checkHome } from "../../userFolders.js";
import { cacheFolder } from "../cache.js";

/**
 * Reads a cached index of a folder or of tar files: one line of JSON, then bytes. An unreadable index counts
 * as missing.
 */
async function readIndex(key: string): Promise<{ head: unknown; bytes: Buffer } | null> {
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

/** Writes an index file atomically. @returns the reason why it failed, or null */
async function writeIndex(key: string, head: object, parts: readonly Uint8Array[]): Promise<string | null> {
  const file = indexFile(key);
  const temporary = temporaryName(file);
  const bytes = Buffer.concat(parts);
  const line = `${JSON.stringify({ ...head, digest: digestOf(bytes) })}\n`;
  try {
    checkHome(file, "indexes of data sets", "N2UQ_CACHE");
    makeFolder(dirname(file));
    await writeFile(temporary, Buffer.concat([Buffer.from(line), bytes]));
    await rename(temporary, file);
    return null;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    return error instanceof Error ? error.message : String(error);
  }
}

/** An index record whose bytes are stored separately. */
interface Entry {
  readonly bytes: Uint8Array;
}

/** Writes records of one format. @returns like `writeIndex` */
export function writeEntries(key: string, format: number, entries: readonly Entry[]): Promise<string | null> {
  const heads = entries.map(({ bytes, ...rest }) => ({ ...rest, bytes: bytes.length }));
  return writeIndex(
    key,
    { format, entries: heads },
    entries.map(({ bytes }) => bytes),
  );
}

/** Reads the records in order; none if they are missing or of another format. */
export async function readEntries<Own extends Entry>(key: string, format: number): Promise<Own[]> {
  const found = await readIndex(key);
  const head = (found?.head ?? {}) as { format?: number; entries?: readonly { readonly bytes: number }[] };
  if (found === null || head.format !== format) return [];
  let at = 0;
  return (head.entries ?? []).map((entry) => {
    const bytes = found.bytes.subarray(at, at + entry.bytes);
    at += entry.bytes;
    return { ...entry, bytes } as Entry as Own;
  });
}

function indexFile(key: string): string {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 24);
  return join(cacheFolder(), "..", "indexes", `${name}.index`);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}
