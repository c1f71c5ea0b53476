import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** An encoded image: its bytes and, where it is a file of its own, that file. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly file: string | null;
}

/** Runs a decoder when there is a thread for it. */
export type Turn = <Value>(decode: () => Promise<Value>) => Promise<Value>;

/**
 * The wanted view of an encoded image as RGB `[cut.height, cut.width, 3]`, by the colours that PIL's `convert("RGB")` gives:
 * alpha is dropped, grey repeated, CMYK multiplied out, colour profiles and EXIF's orientation are not heeded.
 * @param view called with the image's size once that is known
 * @param scaled whether the JPEG decoder may make the image smaller where the view has pixels to spare
 * @param use gets the pixels, whose memory is used again after it
 * @throws Error with a short reason where PIL would refuse the file too: cut off, empty, no image, too large
 */
export async function decodeView(
  image: Encoded,
  view: (size: Size) => View,
  scaled: boolean,
  turn: Turn,
  use: (pixels: Uint8Array) => void,
): Promise<void> {
  const { bytes } = image;
  if (bytes.length === 0) throw new Error("the file is empty");
  const format = formatOf(bytes);
  if (format === null) throw new Error("not a JPEG, PNG, WebP, GIF or TIFF");
  const header = format === "jpeg" ? jpegHeader(bytes) : null;
  const plain = header !== null && (header.components === 1 || header.components === 3);
  if (!plain || !isWholeJpeg(bytes, header)) {
    const whole = await turn(() => decodeWhole(bytes, format, header));
    const { box, size, cut } = view(whole);
    use(resizeBilinear(whole, box, size, cut));
    return;
  }
  checkSize(header);
  const { box, size, cut } = view(header);
  const shrink = scaled ? shrinkFor(box, size) : 1;
  if (shrink > 1) {
    const { part, inside } = await turn(() => decodeShrunk(image, header, box, shrink));
    use(resizeBilinear(part, inside, size, cut));
  } else if (box.width * box.height > LARGE) {
    const resized = open(bytes)
      .extract(box)
      .resize(size.width, size.height, { fit: "fill", kernel: "linear" });
    use((await turn(() => pixelsOf(resized.extract(cut)))).data);
  } else {
    // Rows below the box are never decoded.
    const part = await turn(() => pixelsOf(open(bytes).extract(box)));
    use(resizeBilinear(part, { ...box, left: 0, top: 0 }, size, cut));
  }
}

function checkSize({ width, height }: Size): void {
  if (width * height === 0) throw new Error("the image has no pixels");
  if (width * height > MOST_PIXELS) throw new Error(`${width}×${height} pixels are too many`);
}

function shrinkFor(box: Box, size: Size): 1 | 2 | 4 | 8 {
  const spare = Math.min(box.width / size.width, box.height / size.height) / LEAST_SCALE;
  return ([8, 4, 2] as const).find((shrink) => spare >= shrink) ?? 1;
}

/** The decoder gives a half, a quarter or an eighth of the pixels, rounded down; the box then begins between them. */
async function decodeShrunk(image: Encoded, { width, height }: Size, box: Box, shrink: number) {
  const [wide, high] = [Math.floor(width / shrink), Math.floor(height / shrink)];
  const left = Math.min(wide - 1, Math.floor(box.left / shrink));
  const top = Math.min(high - 1, Math.floor(box.top / shrink));
  const right = Math.min(wide, Math.ceil((box.left + box.width) / shrink));
  const bottom = Math.min(high, Math.ceil((box.top + box.height) / shrink));
  const extracted = { left, top, width: right - left, height: bottom - top };
  const part = await asFile(image, (file) => {
    // sharp has no option of its own for this: libvips takes options of its loaders after the name.
    return pixelsOf(sharp(`${file}[shrink=${shrink}]`, { ...OPTIONS, failOn: "none" }).extract(extracted));
  });
  const inside = {
    left: box.left / shrink - left,
    top: box.top / shrink - top,
    width: box.width / shrink,
    height: box.height / shrink,
  };
  return { part, inside };
}

/** The image's own file, or (in a tar file, or where libvips would take its name for more) one for the moment. */
async function asFile<Value>(
  { bytes, file }: Encoded,
  use: (file: string) => Promise<Value>,
): Promise<Value> {
  if (file !== null && !/[[\]]/.test(file)) return use(file);
  const temporary = join(tmpdir(), `n2uq-${randomUUID()}.jpg`);
  try {
    await writeFile(temporary, bytes);
    return await use(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Any other file, all of it, so that a fault is found wherever it lies. */
async function decodeWhole(bytes: Buffer, format: ImageFormat, header: JpegHeader | null): Promise<Pixels> {
  const image = open(bytes, "truncated");
  try {
    if (header?.components !== 4) return await pixelsOf(image);
    const { data, ...size } = await pixelsOf(image.pipelineColourspace("cmyk").toColourspace("cmyk"), 4);
    return { data: fromCmyk(data), ...size };
  } catch (error) {
    if (format === "jpeg" && header !== null && !isWholeJpeg(bytes, header)) {
      throw new Error("the file is cut off", { cause: error });
    }
    // libvips keeps its messages in one place for all threads: the words may be another image's.
    throw new Error(`a damaged ${format.toUpperCase()}`, { cause: error });
  }
}

const OPTIONS = { ignoreIcc: true, limitInputPixels: MOST_PIXELS, sequentialRead: true } as const;

function open(bytes: Buffer, failOn: "none" | "truncated" = "none"): Sharp {
  return sharp(bytes, { ...OPTIONS, failOn });
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
