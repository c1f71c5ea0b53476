import type { Sharp } from "sharp";
import sharp from "sharp";
import type { ImageFormat, JpegHeader } from "./header.js";
import { formatOf, isWholeJpeg, jpegHeader } from "./header.js";
import type { Box, Pixels } from "./resample.js";
import { resizeBilinear } from "./resample.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of an image is wanted: `box` of it (whole pixels) is resized to `size`, and `cut` of that is kept. */
export interface View {
  readonly box: Box;
  readonly size: Size;
  readonly cut: Box;
}

/** As PIL: beyond this an image is taken for an attack. */
const MOST_PIXELS = 178_956_970;
/** Above this the part that is wanted is not held in full: libvips resizes it row by row, to within a grey level or two. */
const LARGE = 16_000_000;
/** A crop may be decoded at half the size while it keeps this many pixels for each one of the result, along either side. */
const LEAST_SCALE = 0.5;

sharp.concurrency(1);
sharp.cache(false);

/**
 * The wanted view of an encoded image as RGB `[cut.height, cut.width, 3]`, by the colours that PIL's `convert("RGB")` gives:
 * alpha is dropped, grey repeated, CMYK multiplied out, colour profiles and EXIF's orientation are not heeded.
 * @param view called with the image's size once that is known
 * @throws Error with a short reason where PIL would refuse the file too: cut off, empty, no image, too large
 */
export async function decodeView(
  bytes: Buffer,
  view: (size: Size) => View,
  scaled: boolean,
): Promise<Uint8Array> {
  if (bytes.length === 0) throw new Error("the file is empty");
  const format = formatOf(bytes);
  if (format === null) throw new Error("not a JPEG, PNG, WebP, GIF or TIFF");
  const header = format === "jpeg" ? jpegHeader(bytes) : null;
  const plain = header !== null && (header.components === 1 || header.components === 3);
  if (plain && isWholeJpeg(bytes, header)) {
    checkSize(header);
    const wanted = view(header);
    const shrink = scaled ? shrinkFor(header, wanted) : 1;
    return shrink > 1 ? decodeShrunk(bytes, header, wanted, shrink) : decodePart(bytes, wanted);
  }
  const whole = await decodeWhole(bytes, format, header);
  const wanted = view(whole);
  return resizeBilinear(whole, wanted.box, wanted.size, wanted.cut);
}

function checkSize({ width, height }: Size): void {
  if (width * height === 0) throw new Error("the image has no pixels");
  if (width * height > MOST_PIXELS) throw new Error(`${width}×${height} pixels are too many`);
}

/** A JPEG without surprises: rows below the box are never decoded. */
async function decodePart(bytes: Buffer, { box, size, cut }: View): Promise<Uint8Array> {
  const part = open(bytes, "none").extract(box);
  if (box.width * box.height > LARGE) {
    const resized = part.resize(size.width, size.height, { fit: "fill", kernel: "linear" }).extract(cut);
    return (await pixelsOf(resized)).data;
  }
  const pixels = await pixelsOf(part);
  return resizeBilinear(pixels, { ...box, left: 0, top: 0 }, size, cut);
}

/** How much smaller the decoder may make the image: 1, 2, 4 or 8. sharp lets it only where a side can be divided by it. */
function shrinkFor({ width, height }: Size, { box, size }: View): 1 | 2 | 4 | 8 {
  const spare = Math.min(box.width / size.width, box.height / size.height) / LEAST_SCALE;
  for (const shrink of [8, 4, 2] as const) {
    if (spare >= shrink && (width % shrink === 0 || height % shrink === 0)) return shrink;
  }
  return 1;
}

/** The decoder's inverse transform gives fewer pixels; the box lies between them. */
async function decodeShrunk(
  bytes: Buffer,
  image: Size,
  { box, size, cut }: View,
  shrink: number,
): Promise<Uint8Array> {
  const even = image.width % shrink === 0;
  const target = even ? { width: image.width / shrink } : { height: image.height / shrink };
  const [wide, high] = [Math.ceil(image.width / shrink), Math.ceil(image.height / shrink)];
  const left = Math.max(0, Math.floor(box.left / shrink) - 1);
  const top = Math.max(0, Math.floor(box.top / shrink) - 1);
  const right = Math.min(wide, Math.ceil((box.left + box.width) / shrink) + 1);
  const bottom = Math.min(high, Math.ceil((box.top + box.height) / shrink) + 1);
  const part = { left, top, width: right - left, height: bottom - top };
  const pixels = await pixelsOf(
    open(bytes, "none")
      .resize({ ...target, kernel: "linear" })
      .extract(part),
  );
  const inside = {
    left: box.left / shrink - left,
    top: box.top / shrink - top,
    width: box.width / shrink,
    height: box.height / shrink,
  };
  return resizeBilinear(pixels, inside, size, cut);
}

/** Any other file, all of it, so that a fault is found wherever it lies. */
async function decodeWhole(bytes: Buffer, format: ImageFormat, header: JpegHeader | null): Promise<Pixels> {
  const image = open(bytes, "truncated");
  if (format === "jpeg" && header?.components === 4) {
    const { data, ...size } = await pixelsOf(image.pipelineColourspace("cmyk").toColourspace("cmyk"), 4);
    return { data: fromCmyk(data), ...size };
  }
  return pixelsOf(image);
}

function open(bytes: Buffer, failOn: "none" | "truncated") {
  return sharp(bytes, { failOn, ignoreIcc: true, limitInputPixels: MOST_PIXELS, sequentialRead: true });
}

/** RGB whatever the file holds, or as many channels as are asked for. */
async function pixelsOf(image: Sharp, wanted: 3 | 4 = 3): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === wanted) return { data, width, height };
  return { data: toRgb(data, channels), width, height };
}

/** Grey is repeated, alpha dropped. */
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

/** (255 - ink) · (255 - black) / 255, rounded. */
function fromCmyk(data: Uint8Array): Uint8Array {
  const count = data.length / 4;
  const out = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const light = 255 - (data[i * 4 + 3] ?? 0);
    for (let c = 0; c < 3; c++) out[i * 3 + c] = Math.round(((255 - (data[i * 4 + c] ?? 0)) * light) / 255);
  }
  return out;
}
