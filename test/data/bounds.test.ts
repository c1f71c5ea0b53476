import { crc32 } from "node:zlib";
import { test } from "tap";
import { checkBytes } from "../../src/data/images/bounds.js";
import { centreView } from "../../src/data/images/crop.js";
import { decodeView } from "../../src/data/images/decode.js";
import { picture, rawImage } from "./images.js";

const open = () => rawImage(picture(1, 1, 90, 70), 90, 70);

/** How reading an image ends. */
async function read(bytes: Buffer, most?: number): Promise<string> {
  const view = (own: { width: number; height: number }) => centreView(own, 20, { width: 16, height: 16 });
  let pixels = 0;
  const use = (found: Uint8Array) => {
    pixels = found.length;
  };
  return decodeView(bytes, view, false, (job) => job(), use, most).then(
    () => `${pixels} bytes`,
    (error: Error) => error.message,
  );
}

test("every format is measured before it is decoded", async (t) => {
  for (const [format, bytes, cost] of [
    ["jpeg", await open().jpeg().toBuffer(), 1],
    ["progressive", await open().jpeg({ progressive: true }).toBuffer(), 1],
    ["CMYK", await open().toColourspace("cmyk").jpeg().toBuffer(), 2],
    ["png", await open().png().toBuffer(), 1],
    ["gif", await open().gif().toBuffer(), 1],
    ["webp", await open().webp().toBuffer(), 1.25],
    ["tiff", await open().tiff().toBuffer(), 2],
  ] as const) {
    t.equal(await read(bytes, 6300 * cost), "768 bytes", format);
    t.match(await read(bytes, 6300 * cost - 1), /^90×70 pixels are too many: at most \d/, format);
  }
});

test("false sizes in a header are rejected", async (t) => {
  const png = await open().png().toBuffer();
  png.writeUInt32BE(2 ** 31 - 1, 16);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  t.match(await read(png), /^2147483647×70 pixels are too many/);
  png.writeUInt32BE(0, 16);
  t.match(await read(png), /no pixels/);
});

test("a JPEG with many scans is rejected", async (t) => {
  const jpeg = await open().jpeg({ progressive: true }).toBuffer();
  const first = jpeg.indexOf("\xff\xda", 0, "latin1");
  const copies = Array.from({ length: 30 }, () => jpeg.subarray(first, -2));
  const many = Buffer.concat([jpeg.subarray(0, first), ...copies, jpeg.subarray(-2)]);
  t.match(await read(many), /^101 scans of 90×70 pixels are too many/);
  t.equal(await read(jpeg, 6300), "768 bytes", "the usual ten are not");
});

test("a file of more bytes than such an image has is not read", (t) => {
  t.throws(() => checkBytes(1e9, 64e6), /1,000,000,000 bytes are too many for 64,000,000 pixels/);
  t.doesNotThrow(() => checkBytes(270e6, 64e6));
  t.end();
});
