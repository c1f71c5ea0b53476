import type { ImageShape } from "./types.js";

/**
 * Resizes HWC images: bilinear, with pixel centers at half integers, replicated borders, no antialiasing. One
 * channel can be repeated to several; other changes of the number of channels are not supported.
 */
export function resample(from: ImageShape, to: ImageShape) {
  const rows = positions(from.height, to.height);
  const columns = positions(from.width, to.width);
  const { channels } = from;
  const copies = to.channels / channels;
  return (image: Float32Array, target: Float32Array): void => {
    let at = 0;
    for (let y = 0; y < to.height; y++) {
      const upper = (rows.first[y] ?? 0) * from.width;
      const lower = (rows.second[y] ?? 0) * from.width;
      const v = rows.share[y] ?? 0;
      for (let x = 0; x < to.width; x++) {
        const left = columns.first[x] ?? 0;
        const right = columns.second[x] ?? 0;
        const u = columns.share[x] ?? 0;
        for (let c = 0; c < channels; c++) {
          const top =
            (image[(upper + left) * channels + c] ?? 0) * (1 - u) +
            (image[(upper + right) * channels + c] ?? 0) * u;
          const bottom =
            (image[(lower + left) * channels + c] ?? 0) * (1 - u) +
            (image[(lower + right) * channels + c] ?? 0) * u;
          const value = top * (1 - v) + bottom * v;
          for (let copy = 0; copy < copies; copy++) target[at++] = value;
        }
      }
    }
  };
}

/** For each output pixel: its two input pixels, and the interpolation weight of the second. */
function positions(size: number, outSize: number) {
  const share = Float64Array.from({ length: outSize }, (_, i) =>
    Math.max(0, Math.min(size - 1, ((i + 0.5) * size) / outSize - 0.5)),
  );
  const first = Int32Array.from(share, Math.floor);
  const second = first.map((i) => Math.min(size - 1, i + 1));
  return { first, second, share: share.map((centre, i) => centre - (first[i] ?? 0)) };
}
