/** Facts about the data set on which defaults depend. */
export interface DataFacts {
  readonly classes: number;
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Whether the images are files of different sizes, decoded on demand; if undefined, they are in memory. */
  readonly inFiles?: boolean;
  /** Number of images before any limit; undefined if it depends on the user's files. */
  readonly sizes?: { readonly trainSize: number; readonly testSize: number };
}

/** Numbers of training and validation images; null if they depend on the user's files. */
export interface Images {
  readonly train: number | null;
  readonly test: number | null;
}
