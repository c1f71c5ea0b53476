import { closeSync, fsyncSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import type { Expected, SizeLimits } from "./answer.js";
import { answerOf, mostOf } from "./answer.js";
import type { Head, Sink } from "./http.js";
import { receive } from "./http.js";
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
  let refused: Head | null = null;
  let receiving: Receiving | null = null;
  const begin = (head: Head): Sink => {
    if (head.status === 416) {
      refused = head;
      return () => {};
    }
    const expected = answerOf(head, here, options);
    if (expected.start === 0) startAnew(part, { url, validator: validatorOf(head) });
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

/** A part that grows. It is written at once: see `receive`. */
class Receiving {
  readonly #file: number;
  readonly #expected: Expected;
  readonly #options: DownloadOptions;
  readonly #pace: Pace;
  readonly #most: number;
  #done: number;
  /** Whether more came than there may be: nothing of it is of use. */
  excess = false;

  constructor(part: string, expected: Expected, options: DownloadOptions) {
    this.#expected = expected;
    this.#options = options;
    this.#most = expected.total ?? mostOf(options);
    this.#pace = new Pace(options.stallMs ?? STALL_MS);
    this.#done = expected.start;
    this.#file = openSync(part, expected.start === 0 ? "w" : "a");
    options.onProgress?.({ done: this.#done, total: expected.total });
  }

  /** @throws Error where more comes than there may be, or too slowly */
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

  /** @throws Error where something is missing */
  finish(): void {
    const { total } = this.#expected;
    if (total !== null && this.#done < total)
      throw new Error(`the connection broke off after ${this.#done} of ${total} bytes`);
  }
}

function startAnew(part: string, begun: Begun): void {
  rmSync(part, { force: true });
  writeFileSync(`${part}.json`, JSON.stringify(begun));
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
function validatorOf({ header }: Head): string | null {
  const tag = header("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : header("last-modified");
}

function totalOf({ header }: Head): number | null {
  const [, total] = /\/(\d+)$/.exec(header("content-range") ?? "") ?? [];
  return total === undefined ? null : Number(total);
}
