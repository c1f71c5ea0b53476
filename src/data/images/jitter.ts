import type { ColorJitter } from "../types.js";

type Kind = keyof ColorJitter;

/** What is done to the colours of one image, in this order. */
export type ColorChanges = readonly { readonly kind: Kind; readonly factor: number }[];

/** Draws a factor for each kind that varies, and their order, as torchvision's ColorJitter does. */
export function drawColors(jitter: ColorJitter, next: () => number): ColorChanges {
  const kinds = (["brightness", "contrast", "saturation"] as const).filter((kind) => jitter[kind] > 0);
  const changes = kinds.map((kind) => {
    const low = Math.max(0, 1 - jitter[kind]);
    return { kind, factor: low + (1 + jitter[kind] - low) * next(), place: next() };
  });
  return changes.sort((a, b) => a.place - b.place).map(({ kind, factor }) => ({ kind, factor }));
}

/**
 * Changes RGB pixels in place, as PIL's ImageEnhance does: each value moves away from (factor above 1) or towards (below 1)
 * black for brightness, the image's mean grey for contrast, the pixel's own grey for saturation; cut off and rounded down.
 */
export function changeColors(pixels: Uint8Array, changes: ColorChanges): void {
  for (const { kind, factor } of changes) {
    const mean = kind === "contrast" ? meanGrey(pixels) : 0;
    for (let i = 0; i < pixels.length; i += 3) {
      const base = kind === "saturation" ? greyAt(pixels, i) : mean;
      for (let c = i; c < i + 3; c++) {
        pixels[c] = Math.max(0, Math.min(255, Math.trunc(base + factor * ((pixels[c] ?? 0) - base))));
      }
    }
  }
}

/** ITU-R 601-2 luma in 16 bits below the point, as PIL's mode L has it. */
function greyAt(pixels: Uint8Array, i: number): number {
  const [red, green, blue] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

function meanGrey(pixels: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += greyAt(pixels, i);
  return Math.trunc(sum / (pixels.length / 3) + 0.5);
}
