import type { ResolvedColorJitter } from "../../schema/generated/resolved.js";

/** Color changes of one image, in this order. */
export type ColorChanges = readonly { readonly kind: keyof ResolvedColorJitter; readonly factor: number }[];

/** Draws a factor for each enabled change, and their order, as torchvision's ColorJitter does. */
export function drawColors(jitter: ResolvedColorJitter, next: () => number): ColorChanges {
  const kinds = (["brightness", "contrast", "saturation"] as const).flatMap((kind) => {
    const extent = jitter[kind] ?? 0;
    return extent > 0 ? [{ kind, extent }] : [];
  });
  const changes = kinds.map(({ kind, extent }) => {
    const low = Math.max(0, 1 - extent);
    return { kind, factor: low + (1 + extent - low) * next(), place: next() };
  });
  return changes.sort((a, b) => a.place - b.place).map(({ kind, factor }) => ({ kind, factor }));
}

/**
 * Changes pixels in place as PIL's ImageEnhance does: each value moves away from (factor above 1) or towards
 * (below 1) black for brightness, the image's mean gray for contrast, the pixel's gray for saturation; the
 * result is clipped and rounded down. Saturation leaves single-channel pixels unchanged; with two channels,
 * or with more than three, gray is the mean of the channels.
 */
export function changeColors(pixels: Uint8Array, changes: ColorChanges, channels = 3): void {
  const greyAt = channels === 3 ? luma : channels === 1 ? own : mean(channels);
  for (const { kind, factor } of changes) {
    const middle = kind === "contrast" ? meanGrey(pixels, channels, greyAt) : 0;
    for (let i = 0; i < pixels.length; i += channels) {
      const base = kind === "saturation" ? greyAt(pixels, i) : middle;
      for (let c = i; c < i + channels; c++)
        pixels[c] = Math.max(0, Math.min(255, Math.trunc(base + factor * ((pixels[c] ?? 0) - base))));
    }
  }
}

/** The gray value of the pixel that begins at `i`. */
type GreyAt = (pixels: Uint8Array, i: number) => number;

/** ITU-R 601-2 luma with 16 fractional bits, as in PIL's mode L. */
const luma: GreyAt = (pixels, i) => {
  const [red, green, blue] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
};

const own: GreyAt = (pixels, i) => pixels[i] ?? 0;

function mean(channels: number): GreyAt {
  return (pixels, i) => {
    let sum = 0;
    for (let c = i; c < i + channels; c++) sum += pixels[c] ?? 0;
    return Math.round(sum / channels);
  };
}

function meanGrey(pixels: Uint8Array, channels: number, greyAt: GreyAt): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += channels) sum += greyAt(pixels, i);
  return Math.trunc(sum / (pixels.length / channels) + 0.5);
}
