import type { Head } from "./http.js";

/** How large a file may be. */
export interface SizeLimits {
  /** The file's size, where it is known; nothing else is taken. */
  readonly bytes?: number;
  /** What a file of unknown size may have at most; 4 GB where nothing is said. */
  readonly maxBytes?: number;
}

/** What an answer brings: the bytes from `start` up to `total`, which is null where the server does not say. */
export interface Expected {
  readonly start: number;
  readonly total: number | null;
}

const MOST_BYTES = 4_000_000_000;

export function mostOf({ bytes, maxBytes = MOST_BYTES }: SizeLimits): number {
  return bytes ?? maxBytes;
}

/**
 * Checks what an answer says of itself against what was asked for, before any of its body is taken.
 * @param here bytes from which on the file was asked for; 0 for all of it
 * @throws Error with the reason
 */
export function answerOf(head: Head, here: number, limits: SizeLimits): Expected {
  const { status, statusText } = head;
  if (status !== 200 && status !== 206)
    throw new Error(`the server answers ${`${status} ${statusText}`.trim()}`);
  const encoding = head.header("content-encoding") ?? "identity";
  if (encoding !== "identity")
    throw new Error(`the server sends the file compressed (${encoding}), which was not asked for`);
  const length = lengthIn(head.header("content-length"));
  const expected = status === 200 ? { start: 0, total: length } : partOf(head, here, length);
  checkTotal(expected.total, limits);
  return expected;
}

/** @throws Error where the range is another one than was asked for, or contradicts itself */
function partOf(head: Head, here: number, length: number | null): Expected {
  if (here === 0) throw new Error("the server sends a part (206) although all of the file was asked for");
  const range = head.header("content-range") ?? "";
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range);
  if (found === null)
    throw new Error(`the server sends a part without saying which: content-range "${range.slice(0, 80)}"`);
  const [start, end] = [Number(found[1]), Number(found[2])];
  const total = found[3] === "*" ? end + 1 : Number(found[3]);
  if (start !== here)
    throw new Error(`the server sends bytes from ${start} on, asked for were those from ${here} on`);
  if (end + 1 !== total || end < start)
    throw new Error(`the server sends another part than it was asked for: ${range}`);
  if (length !== null && length !== total - start)
    throw new Error(`the server announces ${length} bytes for the part ${range}`);
  return { start, total };
}

function checkTotal(total: number | null, limits: SizeLimits): void {
  const most = mostOf(limits);
  if (total === null) return;
  const words = total.toLocaleString("en");
  if (limits.bytes !== undefined && total !== most)
    throw new Error(`the server has ${words} bytes, the file has ${most.toLocaleString("en")}`);
  if (total > most)
    throw new Error(`${words} bytes are more than the ${most.toLocaleString("en")} that are allowed`);
}

/** Null where there is none. @throws Error */
function lengthIn(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`the server's content-length is "${text.slice(0, 30)}"`);
}
