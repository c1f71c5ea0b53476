import type { Head } from "./http.js";

/** Limits of a file's size. */
export interface SizeLimits {
  /** The file's exact size, if known. */
  readonly bytes?: number | undefined;
  /** Maximum size of a file of unknown size; default: 4 GB. */
  readonly maxBytes?: number | undefined;
}

/** The byte range of a response, from `start` to `total`; null if the server does not state it. */
export interface Expected {
  readonly start: number;
  readonly total: number | null;
}

const MOST_BYTES = 4_000_000_000;

export function maxBytesOf({ bytes, maxBytes = MOST_BYTES }: SizeLimits): number {
  return bytes ?? maxBytes;
}

/**
 * Checks a response's headers against the request before reading its body. @param here first requested byte;
 * 0 for the complete file @throws Error with the reason
 */
export function answerOf(head: Head, here: number, limits: SizeLimits): Expected {
  const { status, statusText } = head;
  if (status !== 200 && status !== 206)
    throw new Error(`the server answers ${`${status} ${statusText}`.trim()}`);
  const encoding = head.header("content-encoding") ?? "identity";
  if (encoding !== "identity")
    throw new Error(
      `the server sends the file compressed (${encoding}), although no compression was requested`,
    );
  const length = lengthIn(head.header("content-length"));
  const expected = status === 200 ? { start: 0, total: length } : partOf(head, here, length);
  checkTotal(expected.total, limits);
  return expected;
}

/**
 * Checks the range of a partial response (206). @throws Error if the range is not the requested one, or is
 * inconsistent
 */
function partOf(head: Head, here: number, length: number | null): Expected {
  if (here === 0) throw new Error("the server sends a part (206) although the entire file was requested");
  const range = head.header("content-range") ?? "";
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range);
  if (found === null)
    throw new Error(`the server sends a part without saying which: content-range "${range.slice(0, 80)}"`);
  const [start, end] = [Number(found[1]), Number(found[2])];
  const total = found[3] === "*" ? end + 1 : Number(found[3]);
  if (start !== here)
    throw new Error(`the server sends bytes from ${start}; bytes from ${here} were requested`);
  if (end + 1 !== total || end < start)
    throw new Error(`the server sends another range than requested: ${range}`);
  if (length !== null && length !== total - start)
    throw new Error(`the server announces ${length} bytes for the part ${range}`);
  return { start, total };
}

function checkTotal(total: number | null, limits: SizeLimits): void {
  const most = maxBytesOf(limits);
  if (total === null) return;
  const words = total.toLocaleString("en");
  if (limits.bytes !== undefined && total !== most)
    throw new Error(`the server has ${words} bytes, the file has ${most.toLocaleString("en")}`);
  if (total > most) throw new Error(`${words} bytes are more than the limit of ${most.toLocaleString("en")}`);
}

/** The value of a content-length header; null if there is none. @throws Error if it is not a number */
function lengthIn(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`the server's content-length is "${text.slice(0, 30)}"`);
}
