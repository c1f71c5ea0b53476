import { stream } from "../random.js";
import { standardValues } from "./images/standardise.js";
import { resample } from "./resize.js";
import type { Batch, BatchRequest, DatasetInfo, ImageShape, MemorySplit, PadCropFlip } from "./types.js";

/** Everything that decides the content of a batch of images in memory. */
export interface Assembly {
  readonly info: DatasetInfo;
  readonly split: MemorySplit;
  readonly request: Omit<BatchRequest, "onUnreadable">;
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
  const { augmentation } = request;
  const numbers = order.slice(index * request.batchSize, (index + 1) * request.batchSize);
  const shape = { height: info.imageSize[0], width: info.imageSize[1], channels: info.channels };
  const [height, width] = request.imageSize ?? info.imageSize;
  const wanted = { height, width, channels: request.inputChannels ?? info.channels };
  const pixels = sizeOf(shape);
  const size = sizeOf(wanted);
  const images = new Float32Array(numbers.length * size);
  const labels = new Int32Array(numbers.length);
  const values = standardValues(info);
  const refit = isSame(shape, wanted) ? null : resample(shape, wanted);
  const scratch = new Float32Array(refit === null ? 0 : pixels);
  numbers.forEach((number, at) => {
    labels[at] = split.labels[number] ?? 0;
    const raw = split.images.subarray(number * pixels, (number + 1) * pixels);
    const window =
      augmentation?.kind === "pad-crop-flip" ? drawWindow(request, augmentation, number) : undefined;
    const target = images.subarray(at * size, (at + 1) * size);
    place(raw, shape, values, window, refit === null ? target : scratch);
    refit?.(scratch, target);
  });
  return { index, count: numbers.length, images, labels, numbers };
}

function sizeOf({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

function isSame(a: ImageShape, b: ImageShape): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels;
}

/** Where an augmented image is cut out of the padded one. */
interface Window {
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

/** Drawn from seed, epoch and image number alone, so that no other image and no earlier batch changes it. */
function drawWindow({ seed, epoch }: Assembly["request"], augmentation: PadCropFlip, number: number): Window {
  const { padding, horizontalFlip } = augmentation;
  const next = stream(seed, `augment/${epoch}/${number}`);
  const top = Math.floor(next() * (2 * padding + 1)) - padding;
  const left = Math.floor(next() * (2 * padding + 1)) - padding;
  return { top, left, mirrored: horizontalFlip && next() < 0.5 };
}

/** Writes an image, seen through a window of its own size where black lies outside, into `target`. */
function place(
  raw: Uint8Array,
  { height, width, channels }: ImageShape,
  values: Float32Array,
  { top, left, mirrored }: Window = { top: 0, left: 0, mirrored: false },
  target: Float32Array,
): void {
  let at = 0;
  for (let y = top; y < top + height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = (mirrored ? width - 1 - x : x) + left;
      const inside = y >= 0 && y < height && fromX >= 0 && fromX < width;
      const from = (y * width + fromX) * channels;
      for (let c = 0; c < channels; c++) {
        const pixel = inside ? (raw[from + c] ?? 0) : 0;
        target[at++] = values[pixel * channels + c] ?? 0;
      }
    }
  }
}
