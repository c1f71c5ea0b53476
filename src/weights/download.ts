import { closeSync, fsyncSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { orElse } from "../attempt.js";
import { answerOf, type Expected, maxBytesOf, type SizeLimits } from "./answer.js";
import { type Head, receive, type Sink } from "./http.js";
import { Pace } from "./pace.js";

export interface DownloadProgress {
  readonly done: number;
  /** Null if the server does not state it. */
  readonly total: number | null;
}

export interface DownloadOptions extends SizeLimits {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds in which a server must send 64 kB; default: two minutes. */
  readonly stallMs?: number;
}

const STALL_MS = 120_000;
/**
 * Maximum number of attempts. If the server does not continue a partial file, the file is discarded and the
 * download restarts once.
 */
const TRIES = 2;

/** State of a partial download, stored next to it. */
interface Begun {
  readonly url: string;
  /** The server's identifier of this content (ETag or date); it changes when the file changes. */
  readonly validator: string | null;
}

/**
 * Downloads to `part` and continues an earlier download if the server still has the same file (Range with
 * If-Range). If the server supports no ranges or has another file, the download restarts from the beginning.
 * Verifies sizes, ranges and lengths of all responses. Errors are thrown unchanged; received bytes are kept
 * for the next call.
 */
export async function download(url: string, part: string, options: DownloadOptions = {}): Promise<void> {
  for (let tries = 1; ; tries++) {
    if (await attempt(url, part, options)) return;
    await forget(part);
    if (tries === TRIES) throw new Error("the server answers 416 to a request for all of the file");
  }
}

/** @returns false if the server does not continue the partial file */
async function attempt(url: string, part: string, options: DownloadOptions): Promise<boolean> {
  const { bytes: known, signal } = options;
  const begun = await readBegun(part);
  const kept = await sizeOf(part);
  // Continues only with an identifier of the content: without one, the file may have changed on the server.
  const here = begun?.url === url && begun.validator !== null && kept <= (known ?? kept) ? kept : 0;
  const headers: Record<string, string> =
    here > 0 && begun?.validator != null ? { range: `bytes=${here}-`, "if-range": begun.validator } : {};
  let refused: Head | null = null;
  let receiving: Receiving | null = null;
  const begin = (head: Head): Sink => {
    if (head.status === 416) {
      refused = head;
      return () => {};
    }
    const expected = answerOf(head, here, options);
    if (expected.start === 0) {
      rmSync(part, { force: true });
      writeFileSync(`${part}.json`, JSON.stringify({ url, validator: validatorOf(head) } satisfies Begun));
    }
    const own = new Receiving(part, expected, options);
    receiving = own;
    return (piece) => own.take(piece);
  };
  try {
    await receive(url, headers, begin, signal);
  } finally {
    const own = receiving as Receiving | null;
    own?.close();
    if (own?.excess) await forget(part);
  }
  if (refused !== null) return here > 0 && totalOf(refused) === here && here === (known ?? here);
  (receiving as Receiving | null)?.finish();
  return true;
}

/** Removes a partial file and its state. */
export async function forget(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

/** Size of a file; 0 if there is none. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** A growing partial file. Written synchronously: see `receive`. */
class Receiving {
  readonly #file: number;
  readonly #expected: Expected;
  readonly #options: DownloadOptions;
  readonly #pace: Pace;
  readonly #most: number;
  #done: number;
  /** Whether more bytes were received than allowed. The partial file is then useless. */
  excess = false;

  constructor(part: string, expected: Expected, options: DownloadOptions) {
    this.#expected = expected;
    this.#options = options;
    this.#most = expected.total ?? maxBytesOf(options);
    this.#pace = new Pace(options.stallMs ?? STALL_MS);
    this.#done = expected.start;
    this.#file = openSync(part, expected.start === 0 ? "w" : "a");
    options.onProgress?.({ done: this.#done, total: expected.total });
  }

  /** @throws Error if more bytes come than allowed, or too slowly */
  take(piece: Uint8Array): void {
    if (this.#done + piece.length > this.#most) {
      this.excess = true;
      throw new Error(`the server sends more than ${this.#most.toLocaleString("en")} bytes`);
    }
    for (let at = 0; at < piece.length; ) at += writeSync(this.#file, piece, at);
    this.#done += piece.length;
    this.#options.onProgress?.({ done: this.#done, total: this.#expected.total });
    this.#pace.take(piece.length);
  }

  close(): void {
    try {
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }

  /** @throws Error if bytes are missing */
  finish(): void {
    const { total } = this.#expected;
    if (total !== null && this.#done < total)
      throw new Error(`the connection broke off after ${this.#done} of ${total} bytes`);
  }
}

async function readBegun(part: string): Promise<Begun | null> {
  const text = await readFile(`${part}.json`, "utf8").catch(() => "null");
  const begun = orElse(() => JSON.parse(text), null);
  return typeof begun?.url === "string" ? begun : null;
}

/**
 * The server's identifier of the content. A weak ETag is ignored, because it identifies only similar content.
 */
function validatorOf({ header }: Head): string | null {
  const tag = header("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : header("last-modified");
}

function totalOf({ header }: Head): number | null {
  const [, total] = /\/(\d+)$/.exec(header("content-range") ?? "") ?? [];
  return total === undefined ? null : Number(total);
}
