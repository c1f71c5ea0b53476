/** Facts about the data set that defaults follow from. */
export interface DataFacts {
  readonly classes: number;
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Whether the images are files of many sizes that are decoded when they are needed; not given: they lie in memory. */
  readonly inFiles?: boolean;
  /** Images before any limit; absent where only the user's files tell. */
  readonly sizes?: { readonly trainSize: number; readonly testSize: number };
}

/** Images that are trained on and validated with; null where only the user's files tell. */
export interface Images {
  readonly train: number | null;
  readonly test: number | null;
}
