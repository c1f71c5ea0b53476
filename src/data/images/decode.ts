import type { Sharp } from "sharp";
import sharp from "sharp";
import { checkedSize, damaged } from "./bounds.js";
import { formatOf, type ImageFormat, isWholeJpeg, type JpegHeader, jpegHeader } from "./header.js";
import { MOST_PIXELS } from "./limits.js";
import { type Box, cropped, type Pixels, resizeBilinear, type Size } from "./resample.js";
import { type Shrink, type TurboJpeg, turboJpeg } from "./turboJpeg.js";

/** The requested part of an image: `box` (whole pixels) is resized to `size`, then cropped to `cut`. */
export interface View {
  readonly box: Box;
  readonly size: Size;
  readonly cut: Box;
}

/**
 * Above this size libvips resizes the box row by row instead of buffering it; results differ by a gray level
 * or two.
 */
const LARGE = 16_000_000;
/**
 * A crop may be decoded at reduced size if, along both sides, at least this many decoded pixels remain per
 * output pixel.
 */
const LEAST_SCALE = 0.5;

sharp.concurrency(1);
sharp.cache(false);

/** Runs a decoder when a thread is free. */
export type LimitConcurrency = <Value>(decode: () => Promise<Value>) => Promise<Value>;

/**
 * Decodes the requested view of an image to RGB `[cut.height, cut.width, 3]`, with the colors of PIL's
 * `convert("RGB")`: alpha is dropped, gray is repeated, CMYK is converted by multiplication; color profiles
 * and EXIF orientation are ignored. TurboJPEG, if installed, decodes usual JPEGs on this thread. sharp
 * decodes everything else, and without TurboJPEG also these JPEGs, with bit-identical results. @param bytes
 * the complete file @param view called with the image's size as soon as the size is known @param scaled
 * whether the JPEG decoder may downscale if the view has pixels to spare @param use receives the pixels,
 * whose memory is reused afterwards @param most maximum number of pixels of an image @throws Error with a
 * short reason if PIL would reject the file too (truncated, empty, no image), or if it is too large
 */
export async function decodeView(
  bytes: Buffer,
  view: (size: Size) => View,
  scaled: boolean,
  limited: LimitConcurrency,
  use: (pixels: Uint8Array) => void,
  most = MOST_PIXELS,
): Promise<void> {
  if (bytes.length === 0) throw new Error("the file is empty");
  const format = formatOf(bytes);
  if (format === null) throw new Error("not a JPEG, PNG, WebP, GIF or TIFF");
  const header = format === "jpeg" ? jpegHeader(bytes) : null;
  const own = await checkedSize(bytes, format, header, most);
  const plain = header !== null && (header.components === 1 || header.components === 3);
  if (plain && isWholeJpeg(bytes, header)) return decodeJpeg(bytes, own, view(own), scaled, limited, use);
  if (format === "webp" || format === "gif") {
    // The complete frame is decoded before its first row is returned, so damage anywhere in it is found.
    use(await partOf(open(bytes, "truncated"), format, view(own), limited));
    return;
  }
  const whole = await limited(() => decodeWhole(bytes, format, header));
  const { box, size, cut } = view(whole);
  use(resizeBilinear(cropped(whole, box), { ...box, left: 0, top: 0 }, size, cut));
}

async function decodeJpeg(
  bytes: Buffer,
  own: Size,
  view: View,
  scaled: boolean,
  turn: LimitConcurrency,
  use: (pixels: Uint8Array) => void,
): Promise<void> {
  const { box, size, cut } = view;
  const shrink = scaled ? shrinkFor(box, size) : 1;
  const turbo = await turboJpeg();
  // The pixels must be resized before the next image is decoded, so there must be no await in between.
  const fits = box.width * box.height <= LARGE * shrink ** 2;
  const part = fits && !("reason" in turbo) ? decodePart(turbo, bytes, own, box, shrink) : null;
  // Rows below the box are never decoded.
  if (part === null) use(await partOf(open(bytes), "jpeg", view, turn));
  else use(resizeBilinear(part.pixels, part.box, size, cut));
}

/** Reads a view with libvips, which resizes a large one row by row. @throws Error */
async function partOf(
  image: Sharp,
  format: ImageFormat,
  { box, size, cut }: View,
  turn: LimitConcurrency,
): Promise<Uint8Array> {
  const large = box.width * box.height > LARGE;
  const part = image.extract(box);
  const wanted = large
    ? part.resize(size.width, size.height, { fit: "fill", kernel: "linear" }).extract(cut)
    : part;
  const pixels = await turn(() => pixelsOf(wanted)).catch((error: unknown) => {
    throw damaged(format, error);
  });
  return large ? pixels.data : resizeBilinear(pixels, { ...box, left: 0, top: 0 }, size, cut);
}

function shrinkFor(box: Box, size: Size): Shrink {
  const spare = Math.min(box.width / size.width, box.height / size.height) / LEAST_SCALE;
  return ([8, 4, 2] as const).find((shrink) => spare >= shrink) ?? 1;
}

/**
 * Decodes a box with TurboJPEG at 1/`shrink` of the size along both sides, rounded up; the box may then start
 * between pixels.
 */
function decodePart(
  turbo: TurboJpeg,
  bytes: Buffer,
  { width, height }: Size,
  box: Box,
  shrink: Shrink,
): { readonly pixels: Pixels; readonly box: Box } | null {
  const left = Math.floor(box.left / shrink);
  const top = Math.floor(box.top / shrink);
  const right = Math.ceil(Math.min(width, box.left + box.width) / shrink);
  const bottom = Math.ceil(Math.min(height, box.top + box.height) / shrink);
  const part = { left, top, width: right - left, height: bottom - top };
  const pixels = turbo.decode(bytes, part, shrink, { width, height });
  if (pixels === null) return null;
  const inside = {
    left: box.left / shrink - left,
    top: box.top / shrink - top,
    width: box.width / shrink,
    height: box.height / shrink,
  };
  return { pixels, box: inside };
}

/** Decodes any other file completely, so that damage anywhere in it is found. */
async function decodeWhole(bytes: Buffer, format: ImageFormat, header: JpegHeader | null): Promise<Pixels> {
  const image = open(bytes, "truncated");
  try {
    if (header?.components !== 4) return await pixelsOf(image);
    const { data, ...size } = await pixelsOf(image.pipelineColourspace("cmyk").toColourspace("cmyk"), 4);
    return { data: fromCmyk(data), ...size };
  } catch (error) {
    if (format === "jpeg" && header !== null && !isWholeJpeg(bytes, header))
      throw new Error("the file is truncated", { cause: error });
    throw damaged(format, error);
  }
}

/** Sizes were checked before. */
const OPTIONS = { ignoreIcc: true, limitInputPixels: false, sequentialRead: true } as const;

function open(bytes: Buffer, failOn: "none" | "truncated" = "none"): Sharp {
  return sharp(bytes, { ...OPTIONS, failOn });
}

/** Returns RGB for any file, or the requested number of channels. */
async function pixelsOf(image: Sharp, channelCount: 3 | 4 = 3): Promise<Pixels> {
  const opaque = channelCount === 3 ? image.removeAlpha() : image;
  const { data, info } = await opaque.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === channelCount) return { data, width, height };
  return { data: toRgb(data, channels), width, height };
}

/** Repeats gray and drops alpha. */
function toRgb(data: Uint8Array, channels: number): Uint8Array {
  const count = data.length / channels;
  const out = new Uint8Array(count * 3);
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let i = 0; i < count; i++) {
    out[i * 3] = data[i * channels] ?? 0;
    out[i * 3 + 1] = data[i * channels + green] ?? 0;
    out[i * 3 + 2] = data[i * channels + blue] ?? 0;
  }
  return out;
}

/** Converts CMYK to RGB: (255 - ink) · (255 - black) / 255, rounded. */
function fromCmyk(data: Uint8Array): Uint8Array {
  const count = data.length / 4;
  const out = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const light = 255 - (data[i * 4 + 3] ?? 0);
    for (let c = 0; c < 3; c++) out[i * 3 + c] = Math.round(((255 - (data[i * 4 + c] ?? 0)) * light) / 255);
  }
  return out;
}
