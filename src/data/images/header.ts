/** The facts of a JPEG header. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Offset of the first scan. */
  readonly scan: number;
}

export type ImageFormat = "jpeg" | "png" | "gif" | "webp" | "tiff";

/** Detects the format from the first bytes, not the extension; null for unsupported formats. */
export function formatOf(bytes: Buffer): ImageFormat | null {
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "webp";
  if (head.startsWith("II*\0") || head.startsWith("MM\0*")) return "tiff";
  return null;
}

/**
 * Reads the markers of a JPEG up to its first scan. Null if there is no scan, or no 8-bit frame before it
 * (ITU T.81, annex B).
 */
export function jpegHeader(bytes: Buffer): JpegHeader | null {
  let frame: Omit<JpegHeader, "scan"> | null = null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xda) return frame && { ...frame, scan: at };
    const length = bytes.readUInt16BE(at + 2);
    if (isFrame(marker)) {
      if (at + 10 > bytes.length || bytes[at + 4] !== 8) return null;
      frame = {
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
        components: bytes[at + 9] ?? 0,
      };
    }
    at += 2 + length;
  }
  return null;
}

/**
 * Whether a JPEG ends with its end-of-image marker: a truncated file has no such marker after the start of
 * its first scan.
 */
export function isWholeJpeg(bytes: Buffer, { scan }: JpegHeader): boolean {
  return bytes.lastIndexOf("\xff\xd9", undefined, "latin1") > scan;
}

/**
 * Whether a marker begins a frame: SOF0 to SOF15, except the markers in that range with another meaning (DHT,
 * JPG, DAC).
 */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * Counts the scans of a JPEG, up to `most`. Scan data never contains the marker, but a thumbnail may: its
 * scans are counted too.
 */
export function scansOf(bytes: Buffer, most: number): number {
  let count = 0;
  for (let at = bytes.indexOf("\xff\xda", 0, "latin1"); at >= 0 && count < most; count++)
    at = bytes.indexOf("\xff\xda", at + 2, "latin1");
  return count;
}
