import { crc32c } from "./crc32c.js";

/**
 * Frames messages as TFRecords: length as uint64, its checksum, the message, its checksum, all little-endian.
 * Checksums are CRC-32C, masked (rotated right by 15 bits, plus a constant) so that a record may contain a
 * record file.
 */
export function tfRecords(messages: readonly Uint8Array[]): Uint8Array {
  const size = messages.reduce((sum, message) => sum + message.length + 16, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const message of messages) {
    view.setBigUint64(at, BigInt(message.length), true);
    view.setUint32(at + 8, masked(bytes.subarray(at, at + 8)), true);
    bytes.set(message, at + 12);
    view.setUint32(at + 12 + message.length, masked(message), true);
    at += message.length + 16;
  }
  return bytes;
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
