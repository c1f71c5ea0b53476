import type { QuantizationMethod, RegularizerKind } from "../core/parameters.js";

/**
 * An experiment with every value decided: what the YAML said, the defaults, and what follows from them.
 * Plain frozen JSON; keys are the YAML's own. `engine` is concrete by the time it is hashed.
 */
export interface ResolvedExperiment {
  readonly name: string;
  readonly architecture: ResolvedArchitecture;
  readonly quantization: ResolvedQuantization;
  readonly teacher: ResolvedTeacher | null;
  readonly init: ResolvedInit | null;
  readonly data: ResolvedData;
  readonly augmentation: ResolvedAugmentation;
  readonly training: ResolvedTraining;
  /** What quantization and the optimizer's groups come to, layer by layer and parameter by parameter: sha256 of each. */
  readonly decided: { readonly layers: string; readonly groups: string };
  /**
   * What tells apart the files that are read: a fingerprint of their content, never of their place. Null where they could not be
   * read here; absent where the recipe tells it all (data sets with a checksum, named weights).
   */
  readonly content: Readonly<Partial<Record<ContentKey, string | null>>>;
  readonly engine: string;
  /** Processes that train together on each machine. */
  readonly devices: number;
  /** Machines that train together. */
  readonly nodes: number;
}

/** What of an experiment is read from files of the user's. */
export type ContentKey = "data" | "teacher" | "init";

/** Where the activations sit: `n2uq` is pre-activation with RPReLU, `torchvision` is convolution → BatchNorm → ReLU. */
export type NetworkLayout = "n2uq" | "torchvision";

interface ArchitectureBase {
  readonly layout: NetworkLayout;
  readonly classes: number;
  /** Height and width in pixels. */
  readonly inputSize: readonly [number, number];
  readonly inputChannels: number;
  readonly stem: ResolvedStem;
}

export interface ResolvedStem {
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
  /** A 3×3/2 max-pool after the first convolution. */
  readonly pool: boolean;
}

export interface ResolvedStage {
  readonly block: "basic" | "bottleneck" | "inverted-residual";
  /** Channels of the block's 3×3 convolutions; a bottleneck puts out four times as many. */
  readonly channels: number;
  readonly blocks: number;
  /** Stride of the stage's first block. */
  readonly stride: number;
  /** Middle width of an inverted residual, in multiples of its input. */
  readonly expansion: number;
}

export type ResolvedArchitecture = ArchitectureBase &
  (
    | {
        readonly family: "resnet";
        readonly depth: 18 | 34 | 50 | 101;
        readonly width: number;
      }
    | {
        readonly family: "cifar-resnet";
        readonly depth: 20 | 32 | 56;
        readonly width: number;
      }
    | { readonly family: "mobilenet-v2"; readonly width: number }
    | { readonly family: "stages"; readonly stages: readonly ResolvedStage[] }
  );

export interface Bits {
  readonly weights: number;
  readonly activations: number;
}

export interface ResolvedLayerRule {
  readonly match: string;
  readonly bits?: Partial<Bits>;
  readonly method?: QuantizationMethod | "none";
  readonly keep?: boolean;
  /** Its place in the list as written, where rules without effect were left out. */
  readonly place?: number;
}

/** Only what takes effect: each part is absent where no layer of the network depends on it. */
export interface ResolvedQuantization {
  readonly method: QuantizationMethod | "none";
  readonly bits?: Partial<Bits>;
  readonly downsample?: boolean;
  readonly regularizer?: {
    readonly kind: RegularizerKind;
    readonly weight?: number;
  };
  /** Globs of layers left in full precision; null: the first convolution and the classifier. */
  readonly keep: readonly string[] | null;
  readonly layers: readonly ResolvedLayerRule[];
}

/** Weights by name (`torchvision:resnet18`) or absolute path. */
export type WeightsReference = string;

export type ResolvedTeacher =
  | { readonly experiment: ResolvedExperiment; readonly hash: string }
  | {
      readonly architecture: ResolvedArchitecture;
      readonly weights: WeightsReference;
    };

export type ResolvedInit =
  | {
      readonly experiment: ResolvedExperiment;
      readonly hash: string;
      readonly strict: boolean;
    }
  | { readonly weights: WeightsReference; readonly strict: boolean };

export interface ResolvedData {
  readonly dataset: "mnist" | "cifar10" | "synthetic" | "imagenet" | "image-folder" | "shards";
  /** Absolute path, for data sets that the user keeps. Not part of the hash. */
  readonly root?: string;
  /** Use only the first so many images of each split, if given. */
  readonly trainLimit: number | null;
  readonly testLimit: number | null;
  /** Of image folders and shards: which images these are, in place of `root`. */
  readonly name?: string;
  /** Of image folders: the folders in `root`. */
  readonly splits?: { readonly train: string; readonly test: string };
  readonly shards?: { readonly train?: string; readonly test?: string; readonly classes?: number };
  /** Null: a hundredth of the split, and at least ten. Not part of the hash. */
  readonly maxUnreadable?: number | null;
  /** Null: by the machine's cores. Not part of the hash. */
  readonly decodeThreads?: number | null;
  /** Of an image in a file. */
  readonly maxPixels?: number;
  /** Of `synthetic` only. */
  readonly synthetic?: {
    readonly classes: number;
    readonly imageSize: readonly [number, number];
    readonly channels: number;
    readonly trainSize: number;
    readonly testSize: number;
    readonly seed: number;
  };
}

/**
 * `validationResize`: short side of test images (training images too, but for random crops) before their centre is cut out. It is
 * absent where images in memory are resized as a whole.
 */
export type ResolvedAugmentation =
  | { readonly kind: "none"; readonly validationResize?: number }
  | {
      readonly kind: "pad-crop-flip";
      readonly padding: number;
      readonly horizontalFlip: boolean;
      readonly validationResize?: number;
    }
  | {
      readonly kind: "random-resized-crop";
      readonly size: number;
      readonly scale: readonly [number, number];
      readonly ratio: readonly [number, number];
      readonly horizontalFlip: boolean;
      readonly validationResize: number;
      readonly colorJitter: ResolvedColorJitter;
      /** Of images in files only. */
      readonly decode?: "exact" | "scaled";
    };

/** Each factor is drawn from 1 - value to 1 + value, at least 0. */
export interface ResolvedColorJitter {
  readonly brightness: number;
  readonly contrast: number;
  /** Of images with more than one channel only. */
  readonly saturation?: number;
}

export interface ResolvedParameterGroup {
  /** Globs on parameter names; the first group that matches a parameter takes it. */
  readonly match: readonly string[];
  readonly lrScale: number;
  readonly weightDecay?: number;
}

export type ResolvedOptimizer = {
  readonly lr: number;
  readonly weightDecay: number;
  readonly groups: readonly ResolvedParameterGroup[];
} & (
  | {
      readonly kind: "adam";
      readonly betas: readonly [number, number];
      readonly epsilon: number;
    }
  | {
      readonly kind: "sgd";
      readonly momentum: number;
      readonly nesterov: boolean;
    }
);

export type ResolvedSchedule = { readonly warmupEpochs: number } & (
  | { readonly kind: "constant" }
  /** `per: epoch` is the released code's: epoch e trains at lr·(1 - (e+1)/epochs), so the last one at 0. */
  | { readonly kind: "linear"; readonly per: "epoch" | "step" }
  | { readonly kind: "cosine"; readonly per: "epoch" | "step" }
  | {
      readonly kind: "step";
      readonly milestones: readonly number[];
      readonly gamma: number;
    }
);

export type ResolvedLoss =
  | { readonly kind: "distillation"; readonly temperature: number }
  | { readonly kind: "cross-entropy"; readonly labelSmoothing: number }
  | {
      readonly kind: "mixed";
      readonly temperature: number;
      readonly labelSmoothing: number;
      /** Share of the distillation term, 0 to 1. */
      readonly distillationWeight: number;
    };

export interface ResolvedTraining {
  readonly epochs: number;
  /** Total optimizer steps; null: as many as the epochs have. */
  readonly steps: number | null;
  readonly batchSize: number;
  readonly optimizer: ResolvedOptimizer;
  readonly schedule: ResolvedSchedule;
  readonly loss: ResolvedLoss;
  readonly seed: number;
  /** Of products; weights and sums stay float32. */
  readonly precision: "float32" | "tf32" | "bfloat16";
  /** Whether BatchNorm's statistics are those of the whole batch where devices share it. */
  readonly syncBatchNorm: boolean;
  readonly checkpoint: {
    readonly everySteps: number | null;
    readonly everyEpochs: number;
  };
  readonly stopOnNaN: boolean;
  /** A loss above this ends the run as exploded; null: only NaN and infinity do. */
  readonly maxLoss: number | null;
}
