import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { batches } from "../../src/data/batches.js";
import { datasetPath, loadDataset } from "../../src/data/datasets.js";
import type {
  Batch,
  BatchRequest,
  DataOf,
  LoadOptions,
  MemorySplit,
  RandomResizedCrop,
} from "../../src/data/types.js";
import { stream } from "../../src/random.js";
import { withDefaults } from "../../src/schema/defaults.js";
import type { ResolvedData } from "../../src/schema/generated/resolved.js";

/** An image of a class: gratings specific to the class, shifted and noisy; RGB. */
export function picture(label: number, number: number, width: number, height: number): Buffer {
  const next = stream(number, `picture of ${label}`);
  const [fx, fy, shift] = [0.05 + 0.06 * label, 0.3 / (1 + label), 6.28 * next()];
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y, c] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    pixels[at] = 128 + 80 * Math.sin(fx * x + fy * y + shift + c) + 40 * (next() - 0.5);
  }
  return pixels;
}

export function rawImage(data: Buffer, width: number, height: number, channels: 1 | 2 | 3 | 4 = 3) {
  return sharp(data, { raw: { width, height, channels } });
}

/** Files by path below a folder. */
export type Files = Record<string, Buffer>;

export async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** `count` JPEGs in `classes` folders, of a few sizes. */
export async function jpegs(split: string, count: number, classes = 4, largest = 64): Promise<Files> {
  const files: Files = {};
  for (let i = 0; i < count; i++) {
    const [width, height] = [largest - 5 * (i % 3), largest - 7 * (i % 4)];
    const jpeg = rawImage(picture(i % classes, i, width, height), width, height).jpeg({ quality: 92 });
    files[`${split}/class${i % classes}/${String(i).padStart(4, "0")}.jpg`] = await jpeg.toBuffer();
  }
  return files;
}

/** The first `count` pictures of CIFAR-10 as JPEGs, where the data set is in the user's cache; else gratings, as `jpegs`. */
export async function cifarJpegs(split: "train" | "val", count: number): Promise<Files> {
  if ((await datasetPath("cifar10")) === null) return jpegs(split, count);
  const limits = { trainLimit: count, testLimit: count };
  const { train, test } = await loadDataset({ dataset: "cifar10", ...limits });
  const { images, labels } = (split === "train" ? train : test) as MemorySplit;
  const bytes = 32 * 32 * 3;
  const files: Files = {};
  for (let i = 0; i < count; i++) {
    const jpeg = rawImage(Buffer.from(images.subarray(i * bytes, (i + 1) * bytes)), 32, 32).jpeg();
    files[`${split}/class${labels[i]}/${String(i).padStart(4, "0")}.jpg`] = await jpeg.toBuffer();
  }
  return files;
}

/** One of every strange kind that is readable, by file name. */
export async function oddFiles(width = 60, height = 40): Promise<Files> {
  const plain = picture(2, 9, width, height);
  const open = () => rawImage(plain, width, height);
  const jpeg = await open().jpeg({ quality: 92 }).toBuffer();
  const grey = await open().greyscale().toColourspace("b-w").jpeg().toBuffer();
  return {
    "grey.jpg": grey,
    "cmyk.jpg": await open().toColourspace("cmyk").jpeg().toBuffer(),
    "turned.jpg": await open().withMetadata({ orientation: 6 }).jpeg({ quality: 92 }).toBuffer(),
    "progressive.jpg": await open().jpeg({ progressive: true }).toBuffer(),
    "really-png.JPEG": await open().png().toBuffer(),
    "deep.png": await open().toColourspace("rgb16").png().toBuffer(),
    "alpha.png": await open().ensureAlpha(0.3).png().toBuffer(),
    "palette.png": await open().ensureAlpha(0.5).png({ palette: true }).toBuffer(),
    "grey.png": await open().greyscale().toColourspace("b-w").png().toBuffer(),
    "picture.webp": await open().webp({ quality: 95 }).toBuffer(),
    "picture.TIFF": await open().tiff().toBuffer(),
    "animated.jpg": await animation(width, height),
    "trailing.jpg": Buffer.concat([jpeg, Buffer.from("something after the end")]),
    "UPPER.JPG": jpeg,
    "tiny.jpg": await open().resize(3, 2).jpeg().toBuffer(),
    "tall.jpg": await open().resize(10, 300, { fit: "fill" }).jpeg().toBuffer(),
  };
}

async function animation(width: number, height: number): Promise<Buffer> {
  const frames = [0, 1, 2].map((frame) => picture(frame, frame, width, height));
  return sharp(Buffer.concat(frames), {
    raw: { width, height: height * 3, channels: 3, pageHeight: height },
  })
    .gif()
    .toBuffer();
}

/** One of every kind that can't be read, by file name, and what is said of it. */
export async function badFiles(): Promise<Record<string, readonly [Buffer, RegExp]>> {
  const jpeg = await rawImage(picture(1, 1, 90, 70), 90, 70)
    .jpeg()
    .toBuffer();
  const png = await rawImage(picture(1, 1, 90, 70), 90, 70)
    .png()
    .toBuffer();
  const huge = Buffer.from(jpeg);
  const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
  huge.writeUInt16BE(60000, frame + 5);
  huge.writeUInt16BE(60000, frame + 7);
  return {
    "empty.jpg": [Buffer.alloc(0), /empty/],
    "text.jpg": [Buffer.from("this is no image"), /not a JPEG/],
    "cut-off.jpg": [jpeg.subarray(0, jpeg.length >> 1), /truncated/],
    "cut-off.png": [png.subarray(0, png.length >> 1), /png/i],
    "header-only.jpg": [jpeg.subarray(0, 30), /./],
    "huge.jpg": [huge, /60000×60000 pixels are too many/],
    "vector.png": [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /not a JPEG/,
    ],
  };
}

export const settings = (root: string, rest: object = {}): DataOf<"image-folder"> =>
  withDefaults("data", { dataset: "image-folder", root, ...rest }) as DataOf<"image-folder">;

export const crops: RandomResizedCrop = {
  kind: "random-resized-crop",
  scale: [0.08, 1],
  ratio: [3 / 4, 4 / 3],
  horizontalFlip: true,
  colorJitter: { brightness: 0, contrast: 0, saturation: 0 },
  decode: "exact",
};

export const training: BatchRequest = {
  split: "train",
  batchSize: 8,
  seed: 3,
  epoch: 0,
  shuffle: true,
  dropLast: true,
  imageSize: [32, 32],
  augmentation: crops,
};

export const validation: BatchRequest = {
  split: "test",
  batchSize: 8,
  seed: 3,
  epoch: 0,
  shuffle: false,
  imageSize: [32, 32],
  shortSide: 37,
};

/** A batch that stays as it is: the next one may use its memory. */
export function copyOf(batch: Batch): Batch {
  return { ...batch, images: batch.images.slice() };
}

/** Loads the data set again and reads one epoch. */
export async function walk(
  data: ResolvedData,
  request: BatchRequest,
  options: LoadOptions = {},
): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches(await loadDataset(data, options), request)) {
    all.push(copyOf(batch));
  }
  return all;
}
