import type { DatasetInfo, ImageShape } from "../types.js";

/** A view of an image: shifted by `top` and `left` (black outside), optionally mirrored. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

/** The unchanged image. */
export const STILL: Window = { top: 0, left: 0, mirrored: false };

/** Normalized values of the 256 pixel values, `[256, channels]`: (pixel/255 - mean)/std. */
export function standardValues({ mean, std, channels }: DatasetInfo): Float32Array {
  return Float32Array.from({ length: 256 * channels }, (_, i) => {
    const c = i % channels;
    const d = std[c] ?? 1;
    return Math.floor(i / channels) * (1 / (255 * d)) - (mean[c] ?? 0) / d;
  });
}

/** Normalized values, or pixels. */
export type Values = Float32Array | Uint8Array;

/** The table that keeps pixels as they are, in place of `standardValues`. */
export function pixelValues({ channels }: Pick<DatasetInfo, "channels">): Uint8Array {
  return Uint8Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels));
}

/** The rows of a table `[256, channels]`, each channel repeated `copies` times. */
export function repeated(values: Float32Array, copies: number): Float32Array {
  return Float32Array.from({ length: values.length * copies }, (_, i) => values[Math.floor(i / copies)] ?? 0);
}

/** Looks up each of the pixels `[.., channels]` in a table `[256, channels]` of normalized values. */
export function normalizePixels(pixels: Uint8Array, values: Float32Array): Float32Array {
  const channels = values.length / 256;
  const found = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; )
    for (let c = 0; c < channels; c++, at++) found[at] = values[(pixels[at] ?? 0) * channels + c] ?? 0;
  return found;
}

/**
 * Normalizes the view of an image through a window of the image's size and writes it to its position in a
 * batch. @param copies how often each channel is repeated, for networks with more input channels
 */
export function normalizeImages(
  pixels: Uint8Array,
  shape: ImageShape,
  values: Values,
  window: Window,
  target: Values,
  copies = 1,
): void {
  const moved = window.top !== 0 || window.left !== 0;
  if (shape.channels === 3 && copies === 1 && !moved) rgb(pixels, shape, values, window.mirrored, target);
  else windowed(pixels, shape, values, window, target, copies);
}

/** Fast path for most photographs: three channels, no shift. */
function rgb(
  pixels: Uint8Array,
  { width, height }: ImageShape,
  values: Values,
  mirrored: boolean,
  target: Values,
): void {
  const [step, row] = mirrored ? [-6, width * 3] : [0, 0];
  const length = width * height * 3;
  let from = mirrored ? row - 3 : 0;
  for (let at = 0; at < length; ) {
    const end = at + width * 3;
    while (at < end) {
      target[at] = values[(pixels[from] as number) * 3] as number;
      target[at + 1] = values[(pixels[from + 1] as number) * 3 + 1] as number;
      target[at + 2] = values[(pixels[from + 2] as number) * 3 + 2] as number;
      at += 3;
      from += 3 + step;
    }
    // If mirrored, a row was read backwards to its start: jumps to the end of the next row.
    from += 2 * row;
  }
}

function windowed(
  pixels: Uint8Array,
  { height, width, channels }: ImageShape,
  values: Values,
  { top, left, mirrored }: Window,
  target: Values,
  copies: number,
): void {
  let at = 0;
  for (let y = top; y < top + height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = (mirrored ? width - 1 - x : x) + left;
      const inside = y >= 0 && y < height && fromX >= 0 && fromX < width;
      const from = (y * width + fromX) * channels;
      for (let c = 0; c < channels; c++) {
        const value = values[(inside ? (pixels[from + c] ?? 0) : 0) * channels + c] ?? 0;
        for (let copy = 0; copy < copies; copy++) target[at++] = value;
      }
    }
  }
}
