import type { View } from "../images/decode.js";
import type { ColorChanges } from "../images/jitter.js";
import type { Window } from "../images/normalize.js";
import type { Size } from "../images/resample.js";
import type { Augmentation } from "../types.js";

/** Changes applied to the pixels of a view: shift, mirroring and colors. */
export interface Changes {
  readonly window: Window;
  readonly colors: ColorChanges;
}

/**
 * The augmentation of one image, in memory or in a file. Call `view` once, before `changes`, because the
 * random numbers are drawn in this order.
 */
export interface Variation {
  /** The region taken from an image of this size, and the size it is resized to. */
  view(own: Size): View;
  changes(): Changes;
}

/** The inputs of an augmentation for one image. */
export interface VariedImage {
  /** The network's input size. */
  readonly size: Size;
  /** The view without augmentation: the center crop that validation takes. */
  centre(own: Size): View;
  /** Uniform random numbers in [0, 1), drawn from seed, epoch and image index only. */
  next(): number;
}

/** An augmentation with its metadata; its options are in `schemas/augmentations/<name>.json`. */
export interface AugmentationPart<Kind extends Augmentation["kind"]> {
  readonly name: Kind;
  readonly reference: string;
  /** Whether it crops and resizes images in memory too, in 8 bits, as images in files are. */
  readonly crops: boolean;
  vary(options: Extract<Augmentation, { kind: Kind }>, image: VariedImage): Variation;
}
