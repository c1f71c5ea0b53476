import sharp from "sharp";
import { test } from "tap";
import { centreView, viewOf } from "../../src/data/images/crop.js";
import type { View } from "../../src/data/images/decode.js";
import { decodeView } from "../../src/data/images/decode.js";
import { formatOf, jpegHeader } from "../../src/data/images/header.js";
import { resizeBilinear } from "../../src/data/images/resample.js";
import type { Shrink, TurboJpeg } from "../../src/data/images/turboJpeg.js";
import { openTurboJpeg, turboJpeg } from "../../src/data/images/turboJpeg.js";
import { stream } from "../../src/random.js";
import { badFiles, oddFiles, picture, rawImage } from "./images.js";

const SIZE = { width: 32, height: 32 };

async function decode(
  bytes: Buffer,
  view: (size: { width: number; height: number }) => View,
  scaled = false,
) {
  let found = new Uint8Array(0);
  await decodeView(
    bytes,
    view,
    scaled,
    (job) => job(),
    (pixels) => {
      found = pixels.slice();
    },
  );
  return found;
}

const meanDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

/** The definition in floating point: a triangle around each output pixel, as wide as its step where it shrinks. */
function resizeSlowly(source: Uint8Array, from: [number, number], to: [number, number]): number[] {
  const weights = (inSize: number, size: number) =>
    Array.from({ length: size }, (_, i) => {
      const [step, centre] = [Math.max(1, inSize / size), ((i + 0.5) * inSize) / size];
      const raw = Array.from({ length: inSize }, (_, x) =>
        Math.max(0, 1 - Math.abs((x + 0.5 - centre) / step)),
      );
      const sum = raw.reduce((a, b) => a + b, 0);
      return raw.map((weight) => weight / sum);
    });
  const [columns, rows] = [weights(from[0], to[0]), weights(from[1], to[1])];
  const out: number[] = [];
  for (const row of rows) {
    for (const column of columns) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        row.forEach((v, y) => {
          if (v > 0)
            column.forEach((u, x) => {
              if (u > 0) sum += v * u * source[(y * from[0] + x) * 3 + c]!;
            });
        });
        out.push(sum);
      }
    }
  }
  return out;
}

test("resizing is the antialiased triangle of its definition, whole or in part", (t) => {
  for (const [from, to] of [
    [
      [50, 37],
      [20, 20],
    ],
    [
      [20, 11],
      [31, 40],
    ],
    [
      [90, 8],
      [7, 9],
    ],
    [
      [16, 16],
      [16, 16],
    ],
  ] as [[number, number], [number, number]][]) {
    const source = new Uint8Array(picture(1, 2, from[0], from[1]));
    const wanted = resizeSlowly(source, from, to);
    const image = { data: source, width: from[0], height: from[1] };
    const box = { left: 0, top: 0, width: from[0], height: from[1] };
    const size = { width: to[0], height: to[1] };
    const found = resizeBilinear(image, box, size, { left: 0, top: 0, ...size }).slice();
    // Two roundings of half a gray level each.
    const worst = Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!)));
    t.ok(worst <= 1.01, `${from} to ${to}: at most ${worst}`);
    const part = resizeBilinear(image, box, size, { left: 2, top: 3, width: 4, height: 5 });
    for (let y = 0; y < 5; y++) {
      t.same(
        [...part.subarray(y * 12, y * 12 + 12)],
        [...found.subarray(((y + 3) * to[0] + 2) * 3, ((y + 3) * to[0] + 6) * 3)],
      );
    }
  }
  t.end();
});

test("unusual image files are read with their true colors", async (t) => {
  const plain = new Uint8Array(picture(2, 9, 60, 40));
  const view = (own: { width: number; height: number }) => centreView(own, 32, SIZE);
  const wanted = await decode(
    await rawImage(picture(2, 9, 60, 40), 60, 40)
      .png()
      .toBuffer(),
    view,
  );
  t.equal(wanted.length, 32 * 32 * 3);
  const grey = wanted.slice();
  for (let i = 0; i < grey.length; i += 3)
    grey.fill(Math.round(0.299 * wanted[i]! + 0.587 * wanted[i + 1]! + 0.114 * wanted[i + 2]!), i, i + 3);
  const tolerance: Record<string, number> = {
    "cmyk.jpg": 60,
    "palette.png": 12,
    "animated.jpg": 256,
    "tiny.jpg": 256,
    "tall.jpg": 256,
  };
  for (const [name, bytes] of Object.entries(await oddFiles())) {
    const found = await decode(bytes, view);
    const target = name.startsWith("grey") ? grey : wanted;
    const difference = meanDifference(found, target);
    t.ok(difference <= (tolerance[name] ?? 8), `${name}: mean difference ${difference.toFixed(2)}`);
  }
  t.equal(plain.length, 7200);
  const turned = (await oddFiles())["turned.jpg"]!;
  t.match(jpegHeader(turned), { width: 60, height: 40, components: 3 });
});

/** 16×16, written by PIL: inks (200, 30, 100, 20) above (20, 180, 60, 120), inverted as Adobe's programs do. */
const CMYK = [
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkK",
  "CgoKCgYICwwLCgwJCgoK/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//E",
  "ALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2",
  "Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrC",
  "w8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD826/YSvbK/ayiiiiv60K/mnr6",
  "gr8b6KKKK//Z",
].join("");

test("CMYK is multiplied out, as Adobe's inverted files mean it", async (t) => {
  const bytes = Buffer.from(CMYK, "base64");
  t.equal(jpegHeader(bytes)?.components, 4);
  const found = await decode(bytes, (own) => viewOf({ left: 0, top: 0, ...own }, own));
  const at = (x: number, y: number) => [...found.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
  // (255 - ink) · (255 - black) / 255, and what PIL's convert("RGB") gives.
  t.same(at(8, 2), [51, 207, 143]);
  t.same(at(8, 13), [124, 40, 103]);
});

test("unreadable files are rejected with a reason, for every requested part", async (t) => {
  for (const [name, [bytes, reason]] of Object.entries(await badFiles())) {
    for (const top of [0, 20]) {
      const view = () => viewOf({ left: 0, top, width: 8, height: 8 }, SIZE);
      await t.rejects(decode(bytes, view), { message: reason }, name);
    }
  }
  t.equal(formatOf(Buffer.from("GIF89a")), "gif");
  t.equal(formatOf(Buffer.alloc(3)), null);
});

test("scaled decoding halves where the crop has pixels to spare, and stays close to the exact one", async (t) => {
  const large = await rawImage(picture(1, 5, 301, 251), 301, 251)
    .blur(1)
    .jpeg({ quality: 92 })
    .toBuffer();
  for (const [box, most] of [
    [{ left: 11, top: 7, width: 200, height: 190 }, 10],
    [{ left: 0, top: 0, width: 301, height: 251 }, 10],
    [{ left: 280, top: 230, width: 20, height: 20 }, 0],
  ] as const) {
    const view = () => viewOf(box, SIZE);
    const difference = meanDifference(await decode(large, view, true), await decode(large, view, false));
    t.ok(
      difference <= most && (most === 0 || difference > 0),
      `${JSON.stringify(box)}: ${difference.toFixed(2)}`,
    );
  }
});

test("TurboJPEG decodes to the bits of sharp, and a part to the bits of the whole", async (t) => {
  const turbo = (await turboJpeg()) as TurboJpeg;
  t.type(turbo.file, "string", JSON.stringify(turbo));
  for (const [width, height] of [
    [97, 64],
    [33, 17],
    [8, 8],
    [301, 251],
  ] as const) {
    for (const chromaSubsampling of ["4:4:4", "4:2:0"]) {
      for (const progressive of [false, true]) {
        for (const grey of [false, true]) {
          const image = rawImage(picture(1, 5, width, height), width, height).greyscale(grey);
          const bytes = await image.jpeg({ quality: 85, chromaSubsampling, progressive }).toBuffer();
          const wanted = await sharp(bytes).raw().toBuffer();
          const what = `${width}×${height} ${chromaSubsampling} ${progressive} ${grey}`;
          for (const shrink of [1, 2, 4, 8] as const) partsMatch(t, turbo, bytes, shrink, what);
          const whole = turbo.decode(bytes, { left: 0, top: 0, width, height }, 1)!;
          const pixels = whole.data.subarray(0, width * height * 3);
          const channels = wanted.length / (width * height);
          const same = pixels.every(
            (value, i) => value === wanted[Math.floor(i / 3) * channels + (channels === 3 ? i % 3 : 0)],
          );
          t.ok(same, `${what}: as sharp`);
        }
      }
    }
  }
});

/** Twenty random parts against the whole at this scale. */
function partsMatch(
  t: Pick<typeof import("tap").default, "equal">,
  turbo: TurboJpeg,
  bytes: Buffer,
  shrink: Shrink,
  what: string,
) {
  const header = jpegHeader(bytes)!;
  const [wide, high] = [Math.ceil(header.width / shrink), Math.ceil(header.height / shrink)];
  const whole = turbo.decode(bytes, { left: 0, top: 0, width: wide, height: high }, shrink)!.data.slice();
  const next = stream(shrink, what);
  let wrong = 0;
  for (let round = 0; round < 20; round++) {
    const [left, top] = [Math.floor(next() * wide), Math.floor(next() * high)];
    const width = 1 + Math.floor(next() * (wide - left));
    const height = 1 + Math.floor(next() * (high - top));
    const part = turbo.decode(bytes, { left, top, width, height }, shrink)!;
    for (let y = top; y < top + height; y++) {
      const at = (y - top) * part.stride! * 3;
      const found = part.data.subarray(at, at + width * 3);
      const from = (y * wide + left) * 3;
      if (Buffer.compare(found, whole.subarray(from, from + width * 3)) !== 0) wrong++;
    }
  }
  t.equal(wrong, 0, `${what}: parts at 1/${shrink}`);
}

test("without TurboJPEG its absence has a reason", async (t) => {
  t.same(await openTurboJpeg("none"), { reason: "N2UQ_TURBOJPEG=none" });
  t.match(await openTurboJpeg("/nowhere/libturbojpeg.so"), { reason: /libturbojpeg.so: .*cannot open/ });
  t.match(await openTurboJpeg(process.execPath), { reason: /./ });
});
