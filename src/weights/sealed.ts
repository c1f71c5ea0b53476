import { createHash, type Hash } from "node:crypto";
import { orElse } from "../attempt.js";
import { type Faults, shown } from "./faults.js";

/**
 * Checksums that n2uq writes into the metadata of safetensors files, where other readers ignore them:
 * - `sha256`: a JSON map from each tensor's name to the sha256 of its bytes, in hex;
 * - `sha256.header`: the sha256 of the header, including its eight bytes of length, computed with 64 zeros in
 *   place of this checksum.
 */
export const [TENSORS_KEY, HEADER_KEY] = ["sha256", "sha256.header"];
export const ZEROS = "0".repeat(64);

const HEX = /^[0-9a-f]{64}$/;

/**
 * Verifies a file's header and returns the checksums of its tensors. @param head the eight bytes of length
 * and the header @returns null for a file without checksums @throws N2uqError N2UQ_WEIGHTS_CORRUPT
 */
export function checksumsOf(
  head: Uint8Array,
  metadata: ReadonlyMap<string, string>,
  faults: Faults,
): ReadonlyMap<string, string> | null {
  const [tensors, header] = [metadata.get(TENSORS_KEY), metadata.get(HEADER_KEY)];
  if (tensors === undefined && header === undefined) return null;
  if (tensors === undefined || header === undefined)
    throw faults.corrupt("a part of its checksums is missing");
  if (!HEX.test(header) || headerChecksum(head, header) !== header)
    throw faults.corrupt("the checksum of its header does not match");
  const checksums = orElse(() => JSON.parse(tensors) as Record<string, string>, null);
  if (checksums === null) throw faults.corrupt("its checksums are not JSON");
  return new Map(Object.entries(checksums));
}

/**
 * Computes the checksum of a header whose stored checksum is `written`; null if the header does not contain
 * `written`.
 */
function headerChecksum(head: Uint8Array, written: string): string | null {
  const copy = Buffer.from(head);
  const place = placeOf(copy, written);
  if (place === null) return null;
  copy.write(ZEROS, place, "latin1");
  return createHash("sha256").update(copy).digest("hex");
}

/** Writes a header's checksum over the zeros in its place. */
export function sealHeader(head: Buffer): Buffer {
  const place = placeOf(head, ZEROS);
  if (place !== null) head.write(createHash("sha256").update(head).digest("hex"), place, "latin1");
  return head;
}

/** Offset of the checksum. Quotes inside a text are escaped, so only the key and its value can match. */
function placeOf(head: Buffer, written: string): number | null {
  const key = `${JSON.stringify(HEADER_KEY)}:"`;
  const place = head.indexOf(key + written);
  return place < 0 ? null : place + key.length;
}

/** Passes chunks through; calls `done` with their sha256 after the last chunk. */
export async function* hashed(
  pieces: AsyncIterable<Uint8Array>,
  done: (checksum: string) => void,
): AsyncGenerator<Uint8Array> {
  const hash: Hash = createHash("sha256");
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  done(hash.digest("hex"));
}

/**
 * Passes chunks through. @throws N2uqError N2UQ_WEIGHTS_CORRUPT after the last chunk if their sha256 is not
 * `expected`
 */
export function compared(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  expected: string,
  faults: Faults,
): AsyncGenerator<Uint8Array> {
  return hashed(pieces, (found) => {
    if (found !== expected) throw faults.corrupt(`the checksum of the tensor ${shown(name)} does not match`);
  });
}
