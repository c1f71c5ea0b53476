/** A region of an image in pixels; as the source of a resize it may have fractional bounds. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels `[height, width, channels]`, uint8. */
export interface Pixels {
  readonly data: Uint8Array;
  /** Default: three (RGB). */
  readonly channels?: number;
  readonly width: number;
  readonly height: number;
  /** Distance in pixels from the start of a row to the start of the next row; default: the width. */
  readonly stride?: number;
}

/** Crops whole pixels into a separate image, so that a resize does not read beyond its edges. */
export function cropped({ data, channels = 3, width, stride = width }: Pixels, box: Box): Pixels {
  const from = (box.top * stride + box.left) * channels;
  return { data: data.subarray(from), channels, width: box.width, height: box.height, stride };
}

/**
 * Weights are integers with 22 fractional bits, so that a weighted mean of 8-bit pixels fits into a signed
 * 32-bit integer.
 */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/**
 * For each output position starting at `from`: its first input position, its number of inputs, and their
 * weights.
 */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/**
 * Resizes `box` to `size` and crops to `cut`: bilinear, antialiased when downscaling (the triangle is as wide
 * as the step between output pixels), in fixed point, horizontally then vertically, each pass rounded to 8
 * bits. Bit-identical to PIL's `resize(BILINEAR)` for 8-bit images. @returns `[cut.height, cut.width,
 * channels]`, valid until the next call
 */
export function resizeBilinear(image: Pixels, box: Box, size: Size, cut: Box): Uint8Array {
  const columns = taps(image.width, box.left, box.width, size.width, cut.left, cut.width);
  const rows = taps(image.height, box.top, box.height, size.height, cut.top, cut.height);
  const top = rows.first[0] ?? 0;
  const bottom = (rows.first[cut.height - 1] ?? 0) + (rows.count[cut.height - 1] ?? 0);
  const { channels = 3 } = image;
  const narrow =
    channels === 3
      ? alongRows(image, columns, top, bottom, cut.width)
      : alongRowsOf(channels, image, columns, top, bottom, cut.width);
  return alongColumns(narrow, rows, top, cut.width * channels, cut.height);
}

function taps(
  inSize: number,
  start: number,
  length: number,
  size: number,
  from: number,
  count: number,
): Taps {
  const scale = length / size;
  const support = Math.max(1, scale);
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const centre = start + (from + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(inSize, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) {
      const weight = Math.max(0, 1 - Math.abs((x - centre + 0.5) / support));
      exact[x - low] = weight;
      sum += weight;
    }
    first[i] = low;
    counts[i] = high - low;
    for (let x = 0; x < high - low; x++)
      weights[i * stride + x] = Math.trunc(0.5 + ((exact[x] ?? 0) / sum) * (1 << PRECISION));
  }
  return { first, count: counts, weights, stride };
}

/** Does the same as `alongRows`, for any number of channels. */
function alongRowsOf(
  channels: number,
  image: Pixels,
  taps: Taps,
  top: number,
  bottom: number,
  width: number,
): Uint8Array {
  const { first, count, weights, stride } = taps;
  const { data, stride: step = image.width } = image;
  const out = scratch("rows", (bottom - top) * width * channels);
  let at = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * step + (first[x] as number)) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let k = 0; k < (count[x] as number); k++)
          sum += Math.imul(weights[x * stride + k] as number, data[from + k * channels + c] as number);
        out[at++] = sum >> PRECISION;
      }
    }
  }
  return out;
}

/**
 * Resizes rows `top` to `bottom` horizontally, for three channels. The sums start at one half, so that the
 * final shift rounds them.
 */
function alongRows(image: Pixels, taps: Taps, top: number, bottom: number, width: number): Uint8Array {
  const { first, count, weights, stride } = taps;
  const { data, stride: step = image.width } = image;
  const out = scratch("rows", (bottom - top) * width * 3);
  let at = 0;
  for (let y = top; y < bottom; y++) {
    const row = y * step;
    for (let x = 0; x < width; x++) {
      let from = (row + (first[x] as number)) * 3;
      const low = x * stride;
      const high = low + (count[x] as number);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = low; k < high; k++) {
        const weight = weights[k] as number;
        red += Math.imul(weight, data[from] as number);
        green += Math.imul(weight, data[from + 1] as number);
        blue += Math.imul(weight, data[from + 2] as number);
        from += 3;
      }
      out[at] = red >> PRECISION;
      out[at + 1] = green >> PRECISION;
      out[at + 2] = blue >> PRECISION;
      at += 3;
    }
  }
  return out;
}

/**
 * Resizes vertically. Up to four taps are summed in one pass, so that each output row is usually written
 * once.
 */
function alongColumns(
  source: Uint8Array,
  taps: Taps,
  top: number,
  /** Number of values in a row. */
  length: number,
  height: number,
): Uint8Array {
  const { first, count, weights, stride } = taps;
  const out = scratch("out", height * length);
  const sums = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    const low = y * stride;
    const taken = count[y] as number;
    const from = ((first[y] as number) - top) * length;
    const target = out.subarray(y * length, (y + 1) * length);
    if (taken <= 4) fourRows(source, from, weights, low, taken, target);
    else manyRows(source, from, weights, low, taken, target, sums);
  }
  return out;
}

function fourRows(
  source: Uint8Array,
  from: number,
  weights: Int32Array,
  low: number,
  taken: number,
  target: Uint8Array,
): void {
  const length = target.length;
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => (k < taken ? (weights[low + k] as number) : 0)) as Four;
  // An unused row has weight zero, so any row can take its place.
  const [second, third, fourth] = [1, 2, 3].map((k) => from + (k < taken ? k * length : 0)) as Three;
  if (taken <= 2) {
    for (let i = 0; i < length; i++) {
      const sum = Math.imul(a, source[from + i] as number) + Math.imul(b, source[second + i] as number);
      target[i] = (sum + HALF) >> PRECISION;
    }
    return;
  }
  for (let i = 0; i < length; i++) {
    const sum =
      Math.imul(a, source[from + i] as number) +
      Math.imul(b, source[second + i] as number) +
      Math.imul(c, source[third + i] as number) +
      Math.imul(d, source[fourth + i] as number);
    target[i] = (sum + HALF) >> PRECISION;
  }
}

type Three = [number, number, number];
type Four = [number, number, number, number];

function manyRows(
  source: Uint8Array,
  from: number,
  weights: Int32Array,
  low: number,
  taken: number,
  target: Uint8Array,
  sums: Int32Array,
): void {
  const length = target.length;
  sums.fill(HALF);
  for (let k = 0; k < taken; k++) {
    const weight = weights[low + k] as number;
    const row = from + k * length;
    for (let i = 0; i < length; i++)
      sums[i] = (sums[i] as number) + Math.imul(weight, source[row + i] as number);
  }
  for (let i = 0; i < length; i++) target[i] = (sums[i] as number) >> PRECISION;
}

const scratchBuffers = { rows: new Uint8Array(0), out: new Uint8Array(0) };

/** Scratch memory to reuse, because allocating memory takes longer than filling it. */
function scratch(kind: keyof typeof scratchBuffers, length: number): Uint8Array {
  if (scratchBuffers[kind].length < length) scratchBuffers[kind] = new Uint8Array(Math.ceil(length * 1.25));
  return scratchBuffers[kind].subarray(0, length);
}
