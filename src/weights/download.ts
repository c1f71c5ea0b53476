import type { FileHandle } from "node:fs/promises";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Response } from "undici";
import { get } from "./http.js";

export interface DownloadProgress {
  readonly done: number;
  /** Null where the server does not say. */
  readonly total: number | null;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** What a half-finished download must know to go on; kept beside it. */
interface Begun {
  readonly url: string;
  /** The server's name for this very content (ETag, or its date): it changes when the file does. */
  readonly validator: string | null;
}

/**
 * Downloads into `part`, and goes on where an earlier call stopped if the server still has the same file: Range with
 * If-Range. A server that knows no ranges, or has another file by now, sends all of it, and the part begins anew.
 * Whatever goes wrong is thrown as it came; what was received stays for the next call.
 */
export async function download(url: string, part: string, options: DownloadOptions = {}): Promise<void> {
  const begun = await readBegun(part);
  const here = begun?.url === url ? await sizeOf(part) : 0;
  const condition = begun?.validator ? { "if-range": begun.validator } : {};
  const headers = here > 0 ? { range: `bytes=${here}-`, ...condition } : {};
  const { response, close } = await get(url, headers, options.signal);
  try {
    if (response.status === 416 && totalOf(response) === here) return;
    if (response.status === 416) {
      await forget(part);
      return await download(url, part, options);
    }
    if (!response.ok || response.body === null)
      throw new Error(`the server answers ${response.status} ${response.statusText}`);
    const start = response.status === 206 && startOf(response) === here ? here : 0;
    if (response.status === 206 && start !== here)
      throw new Error("the server sends another part than it was asked for");
    if (start === 0) await begin(part, { url, validator: validatorOf(response) });
    await append(response, part, start, options);
  } finally {
    await close();
  }
}

/** Removes a part and what is known of it. */
export async function forget(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function append(
  response: Response,
  part: string,
  start: number,
  { onProgress }: DownloadOptions,
): Promise<void> {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const total = Number.isFinite(length) ? start + length : null;
  const handle = await open(part, start === 0 ? "w" : "a");
  let done = start;
  try {
    onProgress?.({ done, total });
    for await (const piece of response.body ?? []) {
      await writeAll(handle, piece as Uint8Array);
      done += (piece as Uint8Array).length;
      onProgress?.({ done, total });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (total !== null && done < total)
    throw new Error(`the connection broke off after ${done} of ${total} bytes`);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

async function begin(part: string, begun: Begun): Promise<void> {
  await rm(part, { force: true });
  await writeFile(`${part}.json`, JSON.stringify(begun));
}

async function readBegun(part: string): Promise<Begun | null> {
  try {
    const begun = JSON.parse(await readFile(`${part}.json`, "utf8"));
    return typeof begun?.url === "string" ? begun : null;
  } catch {
    return null;
  }
}

/** A weak ETag names content that is only much alike, and is no use here. */
function validatorOf({ headers }: Response): string | null {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : headers.get("last-modified");
}

function startOf({ headers }: Response): number | null {
  const [, start] = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "") ?? [];
  return start === undefined ? null : Number(start);
}

function totalOf({ headers }: Response): number | null {
  const [, total] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  return total === undefined ? null : Number(total);
}
