import { stream } from "../random.js";
import { isCut, variationOf } from "./augmentations/augmentations.js";
import type { Variation } from "./augmentations/types.js";
import { finish } from "./images/finish.js";
import { normalizeImages, pixelValues, repeated, standardValues, type Values } from "./images/normalize.js";
import { cropped, resizeBilinear } from "./images/resample.js";
import { resample } from "./resize.js";
import type { Assembly, Batch, BatchRequest, ImageShape, MemorySplit } from "./types.js";

/** The image order of an epoch: a Fisher–Yates shuffle with its own random stream, or the stored order. */
export function epochOrder(length: number, { shuffle, seed, epoch }: BatchRequest): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  if (!shuffle) return order;
  const next = stream(seed, `shuffle/${epoch}`);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/**
 * Assembles batch `index`: images augmented, normalized and resized to the network's input size. If the
 * request has crops or a short side, images are cropped and resized like images in files; otherwise they are
 * augmented at their own size and then resized.
 */
export function assembleBatch({ info, split, request, order }: Assembly<MemorySplit>, index: number): Batch {
  const numbers = order.slice(index * request.batchSize, (index + 1) * request.batchSize);
  const shape = { height: info.imageSize[0], width: info.imageSize[1], channels: info.channels };
  const [height, width] = request.imageSize ?? info.imageSize;
  const wanted = { height, width, channels: request.inputChannels ?? info.channels };
  const cut = isCut(request);
  const asPixels = request.asPixels === true && (cut || hasSize(shape, wanted));
  const values = standardValues(info);
  const table = asPixels ? pixelValues(info) : values;
  const write = cut ? cutInto(wanted, shape, table) : wholeInto(wanted, shape, table);
  const [pixels, size] = [sizeOf(shape), sizeOf(wanted)];
  const images = new (asPixels ? Uint8Array : Float32Array)(numbers.length * size);
  const labels = new Int32Array(numbers.length);
  numbers.forEach((number, at) => {
    labels[at] = split.labels[number] ?? 0;
    const raw = split.images.subarray(number * pixels, (number + 1) * pixels);
    write(raw, variationOf(request, wanted, number), images.subarray(at * size, (at + 1) * size));
  });
  const known = asPixels && { values: repeated(values, wanted.channels / shape.channels) };
  return { index, count: numbers.length, images, ...known, labels, numbers };
}

/** Writes one image to its position in a batch. */
type Write = (raw: Uint8Array, variation: Variation, target: Values) => void;

function cutInto(wanted: ImageShape, shape: ImageShape, values: Values): Write {
  const { channels } = shape;
  const copies = wanted.channels / channels;
  return (raw, variation, target) => {
    const { box, size, cut } = variation.view(shape);
    const part = cropped({ data: raw, ...shape }, box);
    const pixels = resizeBilinear(part, { ...box, left: 0, top: 0 }, size, cut);
    finish(pixels, { ...wanted, channels }, variation.changes(), values, target, copies);
  };
}

function wholeInto(wanted: ImageShape, shape: ImageShape, values: Values): Write {
  if (hasSize(shape, wanted)) {
    const copies = wanted.channels / shape.channels;
    return (raw, variation, target) =>
      normalizeImages(raw, shape, values, variation.changes().window, target, copies);
  }
  const refit = resample(shape, wanted);
  const scratch = new Float32Array(sizeOf(shape));
  return (raw, variation, target) => {
    normalizeImages(raw, shape, values, variation.changes().window, scratch);
    refit(scratch, target as Float32Array);
  };
}

function sizeOf({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

function hasSize(a: ImageShape, b: ImageShape): boolean {
  return a.height === b.height && a.width === b.width;
}
