import { stream } from "../random.js";
import { resizeBilinear } from "./resize.js";
import type { Augmentation, Batch, BatchRequest, DatasetInfo, Split } from "./types.js";

/** Everything that decides the content of a batch. */
export interface Assembly {
  readonly info: DatasetInfo;
  readonly split: Split;
  readonly request: BatchRequest;
  /** Image numbers in the order of the epoch. */
  readonly order: Uint32Array;
}

/** The order of an epoch: Fisher–Yates over a stream of its own, or as the images lie. */
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

/** Batch number `index`: images standardised, augmented and brought to the network's size. */
export function assembleBatch({ info, split, request, order }: Assembly, index: number): Batch {
  const numbers = order.subarray(index * request.batchSize, (index + 1) * request.batchSize);
  const [height, width] = info.imageSize;
  const [outHeight, outWidth] = request.imageSize ?? info.imageSize;
  const channels = request.inputChannels ?? info.channels;
  const size = outHeight * outWidth * channels;
  const images = new Float32Array(numbers.length * size);
  const labels = new Int32Array(numbers.length);
  const pixels = height * width * info.channels;
  const same = outHeight === height && outWidth === width;
  numbers.forEach((number, at) => {
    labels[at] = split.labels[number] ?? 0;
    const raw = split.images.subarray(number * pixels, (number + 1) * pixels);
    const shape = { height, width, channels: info.channels };
    const standard = standardise(raw, info);
    const moved =
      request.augmentation === undefined ? standard : augment(standard, shape, request, number, black(info));
    const resized = same ? moved : resizeBilinear(moved, shape, outHeight, outWidth);
    images.set(repeatChannels(resized, info.channels, channels), at * size);
  });
  return { index, count: numbers.length, images, labels };
}

/** The standardised value of a black pixel, by channel. */
function black({ mean, deviation }: Pick<DatasetInfo, "mean" | "deviation">): number[] {
  return mean.map((m, c) => -m / (deviation[c] ?? 1));
}

function standardise(raw: Uint8Array, { mean, deviation, channels }: DatasetInfo): Float32Array {
  const values = new Float32Array(raw.length);
  const slope = deviation.map((d) => 1 / (255 * d));
  const offset = black({ mean, deviation });
  for (let i = 0; i < raw.length; i++) {
    const c = i % channels;
    values[i] = (raw[i] ?? 0) * (slope[c] ?? 0) + (offset[c] ?? 0);
  }
  return values;
}

interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Pads with black, cuts a window of the original size and perhaps mirrors it; drawn from seed, epoch and image number
 * alone.
 */
function augment(
  image: Float32Array,
  shape: ImageShape,
  request: BatchRequest,
  number: number,
  pad: readonly number[],
): Float32Array {
  const { padding, horizontalFlip } = request.augmentation as Augmentation;
  const { height, width, channels } = shape;
  const next = stream(request.seed, `augment/${request.epoch}/${number}`);
  const top = Math.floor(next() * (2 * padding + 1)) - padding;
  const left = Math.floor(next() * (2 * padding + 1)) - padding;
  const mirrored = horizontalFlip && next() < 0.5;
  const result = new Float32Array(image.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromY = y + top;
      const fromX = (mirrored ? width - 1 - x : x) + left;
      const outside = fromY < 0 || fromY >= height || fromX < 0 || fromX >= width;
      for (let c = 0; c < channels; c++) {
        const value = outside ? pad[c] : image[(fromY * width + fromX) * channels + c];
        result[(y * width + x) * channels + c] = value ?? 0;
      }
    }
  }
  return result;
}

function repeatChannels(image: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return image;
  return Float32Array.from(
    { length: (image.length / from) * to },
    (_, i) => image[Math.floor(i / to) * from] ?? 0,
  );
}
