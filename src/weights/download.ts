import type { FileHandle } from "node:fs/promises";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Response } from "undici";
import type { Expected, SizeLimits } from "./answer.js";
import { answerOf, mostOf } from "./answer.js";
import { get } from "./http.js";
import { Pace } from "./pace.js";

export interface DownloadProgress {
  readonly done: number;
  /** Null where the server does not say. */
  readonly total: number | null;
}

export interface DownloadOptions extends SizeLimits {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** A server that sends less than 64 kB in so many milliseconds has failed; two minutes where nothing is said. */
  readonly stallMs?: number;
}

const STALL_MS = 120_000;
/** A part that the server does not go on with is given up once; what then fails, fails. */
const TRIES = 2;

/** What a half-finished download must know to go on; kept beside it. */
interface Begun {
  readonly url: string;
  /** The server's name for this very content (ETag, or its date): it changes when the file does. */
  readonly validator: string | null;
}

/**
 * Downloads into `part`, and goes on where an earlier call stopped if the server still has the same file: Range with
 * If-Range. A server that knows no ranges, or has another file by now, sends all of it, and the part begins anew. Answers are
 * believed in nothing that can be checked: sizes, ranges and their own length.
 * Whatever goes wrong is thrown as it came; what was received stays for the next call.
 */
export async function download(url: string, part: string, options: DownloadOptions = {}): Promise<void> {
  for (let tries = 1; ; tries++) {
    if (await attempt(url, part, options)) return;
    await forget(part);
    if (tries === TRIES) throw new Error("the server answers 416 to a request for all of the file");
  }
}

/** @returns false where the server does not go on with the part */
async function attempt(url: string, part: string, options: DownloadOptions): Promise<boolean> {
  const { bytes: known, signal } = options;
  const begun = await readBegun(part);
  const kept = await sizeOf(part);
  // Without a name for its content, a file may be another one by now.
  const here = begun?.url === url && begun.validator !== null && kept <= (known ?? kept) ? kept : 0;
  const headers: Record<string, string> =
    here > 0 && begun?.validator != null ? { range: `bytes=${here}-`, "if-range": begun.validator } : {};
  const { response, close } = await get(url, headers, signal);
  try {
    if (response.status === 416) return here > 0 && totalOf(response) === here && here === (known ?? here);
    const { start, total } = answerOf(response, here, options);
    if (start === 0) await begin(part, { url, validator: validatorOf(response) });
    await append(response, part, { start, total }, options);
    return true;
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
  { start, total }: Expected,
  options: DownloadOptions,
): Promise<void> {
  const { onProgress } = options;
  const most = total ?? mostOf(options);
  const handle = await open(part, start === 0 ? "w" : "a");
  const pace = new Pace(options.stallMs ?? STALL_MS);
  let done = start;
  try {
    onProgress?.({ done, total });
    for await (const piece of pace.watch(response.body ?? [])) {
      if (done + piece.length > most) {
        await forget(part);
        throw new Error(`the server sends more than ${most.toLocaleString("en")} bytes`);
      }
      await writeAll(handle, piece);
      done += piece.length;
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

function totalOf({ headers }: Response): number | null {
  const [, total] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  return total === undefined ? null : Number(total);
}
