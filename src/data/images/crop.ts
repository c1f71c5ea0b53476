import type { RandomResizedCrop } from "../types.js";
import type { View } from "./decode.js";
import type { Box, Size } from "./resample.js";

const TRIES = 10;

/**
 * Draws a random crop as torchvision's RandomResizedCrop does: up to ten attempts with an area uniform in
 * `scale` (as a fraction of the image's area) and an aspect ratio (width to height) log-uniform in `ratio`,
 * until both sides fit; otherwise the largest center crop with an allowed ratio.
 */
export function randomCrop(
  { width, height }: Size,
  { scale, ratio }: Pick<RandomResizedCrop, "scale" | "ratio">,
  next: () => number,
): Box {
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * (scale[0] + (scale[1] - scale[0]) * next());
    const aspect = Math.exp(low + (high - low) * next());
    const [wide, tall] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (wide < 1 || wide > width || tall < 1 || tall > height) continue;
    const top = Math.floor(next() * (height - tall + 1));
    const left = Math.floor(next() * (width - wide + 1));
    return { left, top, width: wide, height: tall };
  }
  const own = width / height;
  const wide = own > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const tall = own < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  return {
    left: Math.floor((width - wide) / 2),
    top: Math.floor((height - tall) / 2),
    width: wide,
    height: tall,
  };
}

/** The view that resizes `box` to `size` without another crop. */
export function viewOf(box: Box, size: Size): View {
  return { box, size, cut: { left: 0, top: 0, ...size } };
}

/**
 * The center crop of torchvision's Resize and CenterCrop: the short side becomes `shortSide` (the long side
 * is rounded down), then `cut` is taken from the center. If `cut` is larger than `shortSide`, the short side
 * becomes as large as `cut`.
 */
export function centreView({ width, height }: Size, shortSide: number, cut: Size): View {
  const short = Math.max(shortSide, cut.width, cut.height);
  const size =
    width <= height
      ? { width: short, height: Math.trunc((short * height) / width) }
      : { width: Math.trunc((short * width) / height), height: short };
  const left = roundHalfEven((size.width - cut.width) / 2);
  const top = roundHalfEven((size.height - cut.height) / 2);
  return { box: { left: 0, top: 0, width, height }, size, cut: { left, top, ...cut } };
}

/** Python rounds halves to the even neighbor. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
