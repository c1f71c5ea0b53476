import type { DatasetInfo } from "../types.js";

/** What a pixel of each of the 256 values becomes, `[256, channels]`: (pixel/255 - mean)/deviation. */
export function standardValues({ mean, deviation, channels }: DatasetInfo): Float32Array {
  return Float32Array.from({ length: 256 * channels }, (_, i) => {
    const c = i % channels;
    const d = deviation[c] ?? 1;
    return Math.floor(i / channels) * (1 / (255 * d)) - (mean[c] ?? 0) / d;
  });
}

/** Writes RGB pixels, standardised and perhaps mirrored, into their place in a batch. */
export function standardise(
  pixels: Uint8Array,
  width: number,
  values: Float32Array,
  mirrored: boolean,
  target: Float32Array,
): void {
  const [step, row] = mirrored ? [-6, width * 3] : [0, 0];
  let from = mirrored ? row - 3 : 0;
  for (let at = 0; at < pixels.length; ) {
    const end = at + width * 3;
    while (at < end) {
      target[at] = values[(pixels[from] as number) * 3] as number;
      target[at + 1] = values[(pixels[from + 1] as number) * 3 + 1] as number;
      target[at + 2] = values[(pixels[from + 2] as number) * 3 + 2] as number;
      at += 3;
      from += 3 + step;
    }
    // Backwards to the row's beginning, then on to the end of the next one.
    from += 2 * row;
  }
}
