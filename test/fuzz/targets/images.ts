import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { batches } from "../../../src/data/batches.js";
import { loadDataset } from "../../../src/data/datasets.js";
import type { BatchRequest, SplitName } from "../../../src/data/types.js";
import { N2uqError } from "../../../src/errors.js";
import { withDefaults } from "../../../src/schema/defaults.js";
import type { FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";

/** Images, created when they are first needed, because a large one takes a second. */
const originals = new Map<string, Promise<Buffer>>();
/** Side lengths of images, up to the limit and above it. */
const SIDES = [1, 7, 255, 4096, 7900, 8000, 8001, 16383, 30000, 65535, 2 ** 31 - 1];

function noise(width: number, height: number, channels: 1 | 3 | 4) {
  const pixels = Buffer.alloc(width * height * channels);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 7919) % 251;
  return sharp(pixels, { raw: { width, height, channels } });
}

/** Large images, created in a separate process: encoding them takes more memory than decoding may. */
const large: Readonly<Record<string, readonly [side: number, call: string]>> = {
  "large jpeg": [8000, "jpeg()"],
  "large jpeg, progressive": [8000, 'jpeg({ progressive: true, chromaSubsampling: "4:4:4" })'],
  "large png": [8000, "png()"],
  "large png, interlaced": [8000, "png({ progressive: true })"],
  "large webp": [7150, "webp({ effort: 0 })"],
  "large gif": [8000, "gif({ effort: 1 })"],
  "large tiff": [8000, 'tiff({ compression: "deflate" })'],
};

function makeLarge([side, call]: readonly [number, string]): Buffer {
  const create = `{ width: ${side}, height: ${side}, channels: 4, background: "#8040c080" }`;
  const code = `import sharp from "sharp"; process.stdout.write(await sharp({ create: ${create} }).${call}.toBuffer());`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", code], { maxBuffer: 2 ** 26 });
}

const open = (channels: 1 | 3 | 4 = 3) => noise(61, 43, channels);

const makers: Readonly<Record<string, () => Promise<Buffer>>> = {
  jpeg: () => open().jpeg().toBuffer(),
  "jpeg, progressive": () => open().jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer(),
  "jpeg, grey": () => open().greyscale().toColourspace("b-w").jpeg().toBuffer(),
  "jpeg, CMYK": () => open().toColourspace("cmyk").jpeg().toBuffer(),
  "jpeg, EXIF": () => open().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  png: () => open(4).png().toBuffer(),
  "png, interlaced": () => open().png({ progressive: true }).toBuffer(),
  "png, palette": () => open(4).png({ palette: true }).toBuffer(),
  "png, 16 bits": () => open().toColourspace("rgb16").png().toBuffer(),
  webp: () => open(4).webp().toBuffer(),
  "webp, lossless": () => open(4).webp({ lossless: true }).toBuffer(),
  gif: () => open().gif().toBuffer(),
  "webp, animated": () =>
    sharp(Buffer.alloc(61 * 86 * 3, 9), {
      raw: { width: 61, height: 86, channels: 3, pageHeight: 43 },
    })
      .webp()
      .toBuffer(),
  "gif, animated": () =>
    sharp(Buffer.alloc(61 * 86 * 3, 9), {
      raw: { width: 61, height: 86, channels: 3, pageHeight: 43 },
    })
      .gif()
      .toBuffer(),
  tiff: () => open().tiff({ compression: "lzw" }).toBuffer(),
  "tiff, tiles": () =>
    open().tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: "deflate" }).toBuffer(),
  "tiff, JPEG": () => open().tiff({ compression: "jpeg" }).toBuffer(),
  svg: () =>
    Promise.resolve(
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9999" height="9999"><rect width="9" height="9"/></svg>',
      ),
    ),
};

function originalOf(name: string): Promise<Buffer> {
  const size = large[name];
  const make = makers[name] ?? (async () => (size === undefined ? Buffer.alloc(0) : makeLarge(size)));
  const known = originals.get(name) ?? make();
  originals.set(name, known);
  return known;
}

/** Writes other sizes into the header, at the position for the format, with correct checksums. */
function claim(random: Random, name: string, original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  const [width, height] = [pick(random, SIDES), pick(random, SIDES)];
  if (name.includes("png")) {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  } else if (name.includes("jpeg")) {
    const at = Math.max(bytes.indexOf("\xff\xc0", 0, "latin1"), bytes.indexOf("\xff\xc2", 0, "latin1"));
    bytes.writeUInt16BE(height & 0xffff, at + 5);
    bytes.writeUInt16BE(width & 0xffff, at + 7);
  } else if (name.includes("gif")) {
    bytes.writeUInt16LE(width & 0xffff, 6);
    bytes.writeUInt16LE(height & 0xffff, 8);
  } else if (name.includes("tiff")) {
    const directory = bytes.readUInt32LE(4);
    const count = directory + 2 <= bytes.length ? bytes.readUInt16LE(directory) : 0;
    for (
      let entry = directory + 2;
      entry < directory + 2 + 12 * count && entry + 12 <= bytes.length;
      entry += 12
    ) {
      if (between(random, 0, 2) === 0)
        bytes.writeUInt32LE(pick(random, [width, height, 0, 0xffffffff]), entry + 8);
    }
  } else if (name.includes("webp"))
    bytes.writeUInt32LE(pick(random, [width, 0xffffffff]), between(random, 16, 28));
  return bytes;
}

/** Repeats the scans of a JPEG. */
function manyScans(random: Random, original: Buffer): Buffer {
  const first = original.indexOf("\xff\xda", 0, "latin1");
  const scans = original.subarray(first, original.length - 2);
  const most = Math.min(300, Math.floor(20e6 / scans.length));
  const copies = Array.from({ length: between(random, 2, most) }, () => scans);
  return Buffer.concat([original.subarray(0, first), ...copies, Buffer.from([0xff, 0xd9])]);
}

const crops = {
  kind: "random-resized-crop",
  scale: [0.08, 1],
  ratio: [0.75, 1.3],
  horizontalFlip: true,
  colorJitter: { brightness: 0.4, contrast: 0, saturation: 0 },
} as const;

/** Matches reasons that are internal messages and must not be shown to a user. */
const OURS =
  /undefined|not a function|null|typed array|out of (range|bounds)|RangeError|TypeError|Invalid|offset/i;

async function read(folder: string, wanted: SplitName, scaled: boolean): Promise<void> {
  const data = await loadDataset(
    withDefaults("data", {
      dataset: "image-folder",
      root: folder,
      trainLimit: null,
      testLimit: null,
      maxUnreadable: 0,
    }),
  );
  const common = { batchSize: 1, seed: 1, epoch: 0, imageSize: [32, 32] } as const;
  const requests: BatchRequest[] = [
    {
      ...common,
      split: "train",
      shuffle: false,
      augmentation: { ...crops, decode: scaled ? "scaled" : "exact" },
    },
    { ...common, split: "test", shuffle: false, shortSide: 37 },
  ];
  for (const request of requests.filter(({ split }) => split === wanted))
    for await (const { images } of batches(data, request))
      if (!images.every(Number.isFinite)) throw new Error("a pixel is not a finite number");
}

export const target: FuzzTarget = {
  description: "images of every format, damaged, with wrong header sizes, large, or with wrong extensions",
  async prepare(folder) {
    mkdirSync(join(folder, "train", "a"), { recursive: true });
    mkdirSync(join(folder, "val", "a"), { recursive: true });
  },
  async input(random, folder) {
    process.env.N2UQ_CACHE = join(folder, "cache");
    const name = pick(random, Object.keys(between(random, 0, 60) === 0 ? large : makers));
    const original = await originalOf(name);
    const change = between(random, 0, 6);
    const scans = change === 0 && name.includes("jpeg");
    let content = scans
      ? manyScans(random, original)
      : change <= 3
        ? claim(random, name, original)
        : original;
    if (change >= 3) content = mutate(random, content);
    for (const split of ["train", "val"]) {
      rmSync(join(folder, split, "a"), { recursive: true, force: true });
      mkdirSync(join(folder, split, "a"), { recursive: true });
      writeFileSync(join(folder, split, "a", "x.jpg"), content);
    }
    const [split, scaled] = [pick(random, ["train", "test"] as const), between(random, 0, 3) === 0];
    const run = async () => {
      try {
        await read(folder, split, scaled);
      } catch (error) {
        const shown = error instanceof N2uqError ? String(error.details.shown ?? "") : "";
        if (OURS.test(shown.replace(/^.*\(/, "")))
          throw new Error(`the reason is an internal message: ${shown}`, { cause: error });
        throw error;
      }
    };
    return {
      label: `${name}, ${scans ? "scans" : `change ${change}`}, ${content.length} bytes`,
      content,
      run,
    };
  },
};
