import sharp from "sharp";
import { type ImageFormat, type JpegHeader, scansOf } from "./header.js";
import type { Size } from "./resample.js";

/**
 * Maximum bytes per pixel: more than any compressed image has, and as many as an uncompressed image with four
 * channels has.
 */
const MOST_BYTES_A_PIXEL = 4;
/** Allowance for content besides pixels. */
const MOST_OTHER_BYTES = 16 << 20;
/**
 * Maximum number of scans of a JPEG; a usual progressive JPEG has ten. A scan of few bytes may still cover
 * the full image.
 */
const MOST_SCANS = 100;
const MOST_PASSES = 12;

/**
 * Rejects a file with more bytes than an image of `mostPixels` can have. @throws Error with a short reason
 */
export function checkBytes(bytes: number, mostPixels: number): void {
  if (bytes <= mostPixels * MOST_BYTES_A_PIXEL + MOST_OTHER_BYTES) return;
  throw new Error(
    `${bytes.toLocaleString("en")} bytes are too many for ${mostPixels.toLocaleString("en")} pixels`,
  );
}

/**
 * Reads an image's size from its header, before anything is decoded. @throws Error with a short reason, also
 * if decoding would need more memory or time than `data.maxPixels` (`most`) allows
 */
export async function checkedSize(
  bytes: Buffer,
  format: ImageFormat,
  header: JpegHeader | null,
  most: number,
): Promise<Size> {
  const size = header ?? (format === "png" ? pngSize(bytes) : null) ?? (await libvipsSize(bytes, format));
  const pixels = size.width * size.height;
  if (pixels === 0) throw new Error("the image has no pixels");
  const scans = format === "jpeg" ? scansOf(bytes, MOST_SCANS + 1) : 1;
  const allowed = Math.floor(most / costOf(format, header, scans));
  if (pixels > allowed) {
    const limit = `at most ${allowed.toLocaleString("en")} by data.maxPixels`;
    throw new Error(`${size.width}×${size.height} pixels are too many: ${limit}`);
  }
  if (scans > MOST_SCANS || pixels * scans > most * MOST_PASSES)
    throw new Error(`${scans} scans of ${size.width}×${size.height} pixels are too many`);
  return { width: size.width, height: size.height };
}

/** Memory needed to decode a pixel, relative to a plain RGB decode. */
function costOf(format: ImageFormat, header: JpegHeader | null, scans: number): number {
  if (format === "webp") return 1.25;
  // A TIFF may have a single strip, which is buffered in addition to its pixels.
  if (format === "tiff") return 2;
  if (header?.components !== 4) return 1;
  return scans > 1 ? 3 : 2;
}

/** Reads a PNG's size from its first chunk, whose position is fixed. Null if the chunk is not IHDR. */
function pngSize(bytes: Buffer): Size | null {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR") return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** The size of the first page or frame. */
async function libvipsSize(bytes: Buffer, format: ImageFormat): Promise<Size> {
  const image = sharp(bytes, { limitInputPixels: false });
  const { width, height } = await image.metadata().catch((error) => {
    throw damaged(format, error);
  });
  return { width, height };
}

/**
 * The error for a damaged file. It does not quote libvips, whose message buffer is shared by all threads: the
 * text may belong to another image.
 */
export function damaged(format: ImageFormat, cause: unknown): Error {
  return new Error(`a damaged ${format.toUpperCase()}`, { cause });
}
