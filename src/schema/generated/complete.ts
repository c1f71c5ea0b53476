// Generated from schemas/source and fragments by `npm run schemas`. Do not edit.

/**
 * The network: its family, depth, width, layout and the size of its images.
 */
export type CompleteArchitecture =
  | CompleteCifarResnetArchitecture
  | CompleteMobilenetV2Architecture
  | CompleteResnetArchitecture
  | CompleteStagesArchitecture
  | CompleteVggArchitecture;
/**
 * The quantizer of weights and activations.
 */
export type Method = "none" | "apot" | "dorefa" | "lcq" | "lsq" | "lsq-plus" | "n2uq" | "pact";
/**
 * Bits of weights and activations: one number for both, or one for each.
 */
export type CompleteBitsSetting =
  | number
  | {
      /**
       * Bits of the weights, 1 to 8.
       */
      readonly weights?: number;
      /**
       * Bits of the activations, 1 to 8.
       */
      readonly activations?: number;
    };
/**
 * The network whose soft labels are learned: another experiment (trained first, once), or an architecture with its weights. null: no teacher.
 */
export type CompleteTeacher = {
  /**
   * File of the teacher's experiment, relative to this file.
   */
  readonly experiment?: string;
  readonly architecture?: CompleteArchitecture;
  /**
   * The teacher's weights: a named source (`torchvision:resnet101`), or a file relative to this one.
   */
  readonly weights?: string;
} | null;
/**
 * Where the first weights come from: another experiment's best checkpoint, or a weights file. null: random from the seed.
 */
export type CompleteInit = {
  /**
   * File of the experiment whose trained weights are taken, relative to this file.
   */
  readonly experiment?: string;
  /**
   * A named source (`torchvision:resnet18`), or a file relative to this one.
   */
  readonly weights?: string;
  /**
   * Whether the weights must fit: nothing that the full-precision network has may be missing or left over. false: what does not fit starts fresh.
   */
  readonly strict: boolean;
} | null;
/**
 * The data set, its splits, and how its images are read.
 */
export type CompleteData =
  | CompleteCifar10Data
  | CompleteCifar100Data
  | CompleteImageFolderData
  | CompleteImagenetData
  | CompleteMnistData
  | CompleteShardsData
  | CompleteSyntheticData;
/**
 * Random changes of training images.
 */
export type CompleteAugmentation =
  CompleteNoneAugmentation | CompletePadCropFlipAugmentation | CompleteRandomResizedCropAugmentation;
/**
 * The rule that updates the parameters, with its learning rate.
 */
export type CompleteOptimizer = CompleteAdamOptimizer | CompleteAdamwOptimizer | CompleteSgdOptimizer;
/**
 * The factor on the learning rate during training.
 */
export type CompleteSchedule =
  CompleteConstantSchedule | CompleteCosineSchedule | CompleteLinearSchedule | CompleteStepSchedule;
/**
 * What training minimizes.
 */
export type CompleteLoss = CompleteCrossEntropyLoss | CompleteDistillationLoss | CompleteMixedLoss;

/**
 * One experiment: a network, how it is quantized, what teaches it, its data and its training. Files are overlays: what is required may come from `extends`, a profile or the project's defaults.
 */
export interface CompleteExperiment {
  /**
   * Name of the experiment; the run directory begins with it. Letters, digits, dot, underscore and hyphen.
   */
  readonly name: string;
  /**
   * One or several experiment files that this one builds on, relative to this file; of several, later ones win over earlier ones.
   */
  readonly extends?: string | string[];
  readonly architecture: CompleteArchitecture;
  readonly quantization: CompleteQuantization;
  readonly teacher: CompleteTeacher;
  readonly init: CompleteInit;
  readonly data: CompleteData;
  readonly augmentation?: CompleteAugmentation;
  readonly training: CompleteTraining;
  /**
   * What computes: `torch` on all cores or `tensorflow` on a GPU or on all cores, once they are installed, `wasm` everywhere, `cpu` is the slow reference; `auto` takes the best that is installed.
   */
  readonly engine: "auto" | "torch" | "tensorflow" | "wasm" | "cpu";
  /**
   * Processes that train together on each machine, each on an equal part of every batch; more than one needs the engine torch.
   */
  readonly devices: number;
  /**
   * Machines that train together, each with `devices` processes; more than one needs the engine torch and Slurm.
   */
  readonly nodes: number;
}
/**
 * CIFAR's ResNet of 20, 32 or 56 layers.
 */
export interface CompleteCifarResnetArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "cifar-resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Number of layers with weights.
   */
  readonly depth: 20 | 32 | 56;
  /**
   * Every channel count is multiplied by this.
   */
  readonly width: number;
}
/**
 * The first convolution, and the pooling after it.
 */
export interface CompleteStem {
  /**
   * Side of the first convolution's kernel in pixels.
   */
  readonly kernel?: number;
  /**
   * Stride of the first convolution.
   */
  readonly stride?: number;
  /**
   * Channels that the first convolution puts out.
   */
  readonly channels?: number;
  /**
   * Whether a 3×3 max-pool of stride 2 follows the first convolution.
   */
  readonly pool?: boolean;
}
/**
 * MobileNetV2.
 */
export interface CompleteMobilenetV2Architecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "mobilenet-v2";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Every channel count is multiplied by this.
   */
  readonly width: number;
}
/**
 * ImageNet's ResNet of 18, 34, 50 or 101 layers.
 */
export interface CompleteResnetArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Number of layers with weights.
   */
  readonly depth: 18 | 34 | 50 | 101;
  /**
   * Every channel count is multiplied by this.
   */
  readonly width: number;
}
/**
 * A ResNet of stages that the experiment declares one by one.
 */
export interface CompleteStagesArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "stages";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * The stages of family `stages`, in order.
   */
  readonly stages: readonly CompleteStage[];
}
/**
 * Blocks of one kind and width; the first one may reduce the size.
 */
export interface CompleteStage {
  /**
   * The kind of residual block.
   */
  readonly block: "basic" | "bottleneck" | "inverted-residual";
  /**
   * Channels of the block's 3×3 convolutions; a bottleneck puts out four times as many.
   */
  readonly channels: number;
  /**
   * How many blocks the stage has.
   */
  readonly blocks: number;
  /**
   * Stride of the stage's first block.
   */
  readonly stride: number;
  /**
   * Middle width of an inverted residual, in multiples of its input.
   */
  readonly expansion: number;
}
/**
 * CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
 */
export interface CompleteVggArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "vgg";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  readonly layout?: "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Every channel count is multiplied by this.
   */
  readonly width: number;
}
/**
 * Which layers are quantized, by which method, and to how many bits.
 */
export interface CompleteQuantization {
  readonly method: Method;
  readonly bits: CompleteBitsSetting;
  /**
   * Whether the 1×1 convolutions of the shortcuts are quantized too.
   */
  readonly downsample: boolean;
  /**
   * Globs of layers that stay in full precision. null: the first convolution and the classifier.
   */
  readonly keep: readonly string[] | null;
  /**
   * Rules for single layers, by glob on layer names; later rules win.
   */
  readonly layers: readonly CompleteLayerRule[];
  /**
   * Intervals of the companding function (of lcq only); 16 is the paper's.
   */
  readonly intervals: number;
  readonly regularizer: CompleteRegularizer;
}
/**
 * Settings of the layers whose names match; later rules take precedence.
 */
export interface CompleteLayerRule {
  /**
   * Glob on layer names; it must match at least one.
   */
  readonly match: string;
  readonly bits?: CompleteBitsSetting;
  readonly method?: Method;
  /**
   * true: full precision; false: quantized, even where `keep` above names the layer.
   */
  readonly keep?: boolean;
}
/**
 * How the weights are rescaled before they are quantized.
 */
export interface CompleteRegularizer {
  /**
   * `entropy` is the paper's; `weight-norm`, `learnable-scale` and `none` are its ablations.
   */
  readonly kind: "entropy" | "weight-norm" | "learnable-scale" | "none";
  /**
   * Strength, 0 to 4: 1 is the paper's, 0 leaves the weights as they are.
   */
  readonly weight: number;
}
/**
 * CIFAR-10; fetched on first use.
 */
export interface CompleteCifar10Data {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "cifar10";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * CIFAR-100 in its binary version: train.bin and test.bin in `root`.
 */
export interface CompleteCifar100Data {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "cifar100";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * A folder of yours with a folder a class.
 */
export interface CompleteImageFolderData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "image-folder";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
  /**
   * Which images these are, in place of the path: counts as part of the experiment, and names them in reports. Not given: the last part of `root`.
   */
  readonly name?: string;
  readonly splits: CompleteSplits;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  readonly maxUnreadable: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
}
/**
 * Names of the folders with the training and validation images.
 */
export interface CompleteSplits {
  /**
   * Folder of the training images, with a folder a class.
   */
  readonly train: string;
  /**
   * Folder of the validation images, with a folder a class.
   */
  readonly test: string;
}
/**
 * ImageNet, laid out as an image folder.
 */
export interface CompleteImagenetData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "imagenet";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
  readonly splits: CompleteSplits;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  readonly maxUnreadable: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
}
/**
 * MNIST; fetched on first use.
 */
export interface CompleteMnistData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "mnist";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * Tar files of images (WebDataset).
 */
export interface CompleteShardsData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "shards";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  readonly root?: string;
  /**
   * Which images these are, in place of the path: counts as part of the experiment, and names them in reports. Not given: the last part of `root`.
   */
  readonly name?: string;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  readonly maxUnreadable: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
  readonly shards: CompleteShards;
}
/**
 * The tar files of both splits.
 */
export interface CompleteShards {
  /**
   * Tar files of the training images; `{000..127}` expands to all numbers, `{a,b}` to all words. Not given: none, for an evaluation.
   */
  readonly train?: string;
  /**
   * Tar files of the validation images.
   */
  readonly test?: string;
  /**
   * Number of classes. Not given: the largest label of the training images and one, for which their shards are looked through.
   */
  readonly classes?: number;
}
/**
 * Images made from a seed.
 */
export interface CompleteSyntheticData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  readonly dataset: "synthetic";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly trainLimit: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  readonly testLimit: number | null;
  readonly synthetic: CompleteSynthetic;
}
/**
 * The generated images: their classes, size and channels.
 */
export interface CompleteSynthetic {
  /**
   * Number of classes.
   */
  readonly classes: number;
  /**
   * Height and width in pixels.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly imageSize: readonly [number, number];
  /**
   * Channels of an image.
   */
  readonly channels: number;
  /**
   * Images to train on.
   */
  readonly trainSize: number;
  /**
   * Images to test on.
   */
  readonly testSize: number;
  /**
   * Seed of the images.
   */
  readonly seed: number;
}
/**
 * The images as they are.
 */
export interface CompleteNoneAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  readonly kind: "none";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  readonly validationResize?: number;
}
/**
 * CIFAR's: pad, crop at random, flip.
 */
export interface CompletePadCropFlipAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  readonly kind: "pad-crop-flip";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  readonly validationResize?: number;
  /**
   * Black pixels on each side before a random crop of the old size. Images in files are resized to the network's size first.
   */
  readonly padding: number;
  /**
   * Whether half of the images are mirrored.
   */
  readonly horizontalFlip: boolean;
}
/**
 * ImageNet's: a random part of the image, resized.
 */
export interface CompleteRandomResizedCropAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  readonly kind: "random-resized-crop";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  readonly validationResize?: number;
  /**
   * Whether half of the images are mirrored.
   */
  readonly horizontalFlip: boolean;
  /**
   * Side of the crop in pixels, of test images too. Not given: architecture.inputSize, or the data set's own size (224 for images in files).
   */
  readonly size?: number;
  /**
   * Smallest and largest share of the image's area that a crop covers.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly scale: readonly [number, number];
  /**
   * Smallest and largest width of a crop divided by its height, before it is resized to a square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly ratio: readonly [number, number];
  readonly colorJitter: CompleteColorJitter;
  /**
   * `exact` decodes training images in full; `scaled` lets the JPEG decoder halve (or quarter) those whose crop has pixels to spare, which is faster and a little less sharp. Test images are always exact. Only for images in files.
   */
  readonly decode: "exact" | "scaled";
}
/**
 * Random changes of brightness, contrast and saturation.
 */
export interface CompleteColorJitter {
  /**
   * The factor of brightness is drawn from 1 - this to 1 + this, at least 0.
   */
  readonly brightness: number;
  /**
   * The factor of contrast is drawn from 1 - this to 1 + this, at least 0.
   */
  readonly contrast: number;
  /**
   * The factor of saturation is drawn from 1 - this to 1 + this, at least 0. Only for images with more than one channel.
   */
  readonly saturation: number;
}
/**
 * How long, in which batches, and with which optimizer, schedule and loss the network is trained.
 */
export interface CompleteTraining {
  /**
   * Number of epochs: iterations over the training images.
   */
  readonly epochs: number;
  /**
   * Optimizer steps in all; takes the place of `epochs`. null: as many as the epochs have.
   */
  readonly steps: number | null;
  /**
   * Images in a step.
   */
  readonly batchSize: number;
  readonly optimizer: CompleteOptimizer;
  readonly schedule: CompleteSchedule;
  readonly loss?: CompleteLoss;
  /**
   * Seed of first weights, shuffling and augmentation.
   */
  readonly seed: number;
  /**
   * Precision of matmuls and convolutions; weights, sums and all other operations stay float32. `bfloat16` needs the engine torch, `tf32` (19 of 32 bits) also a GPU.
   */
  readonly precision: "float32" | "tf32" | "bfloat16";
  /**
   * With several devices: whether BatchNorm's statistics are those of the entire batch, so that results do not depend on the number of devices. false: those of each device's part, as in the released code.
   */
  readonly syncBatchNorm: boolean;
  readonly checkpoint: CompleteCheckpoint;
  /**
   * Whether a loss that is not finite ends the run, naming the layer where it began.
   */
  readonly stopOnNaN: boolean;
  /**
   * A loss above this ends the run as exploded. null: only one that is not finite does.
   */
  readonly maxLoss: number | null;
}
/**
 * Adam (Kingma & Ba 2015).
 */
export interface CompleteAdamOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  readonly kind: "adam";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  readonly groups: readonly CompleteParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  readonly lr: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  readonly weightDecay: number;
  /**
   * Decay of Adam's means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly betas: readonly [number, number];
  /**
   * Added to Adam's denominator.
   */
  readonly epsilon: number;
}
/**
 * Parameters by name, with their own learning rate and weight decay.
 */
export interface CompleteParameterGroup {
  /**
   * A glob on parameter names, or a list of them.
   */
  readonly match: string | string[];
  /**
   * The group's learning rate, in multiples of the optimizer's.
   */
  readonly lrScale: number;
  /**
   * The group's weight decay. Not given: the optimizer's.
   */
  readonly weightDecay?: number;
}
/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 */
export interface CompleteAdamwOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  readonly kind: "adamw";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  readonly groups: readonly CompleteParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  readonly lr: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  readonly weightDecay: number;
  /**
   * Decay of Adam's means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly betas: readonly [number, number];
  /**
   * Added to Adam's denominator.
   */
  readonly epsilon: number;
}
/**
 * Stochastic gradient descent with momentum.
 */
export interface CompleteSgdOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  readonly kind: "sgd";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  readonly groups: readonly CompleteParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  readonly lr: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  readonly weightDecay: number;
  /**
   * Momentum of sgd.
   */
  readonly momentum: number;
  /**
   * Whether sgd looks ahead by its momentum.
   */
  readonly nesterov: boolean;
}
/**
 * The learning rate stays.
 */
export interface CompleteConstantSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  readonly kind: "constant";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  readonly warmupEpochs: number;
}
/**
 * It falls to 0 along half a cosine.
 */
export interface CompleteCosineSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  readonly kind: "cosine";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Whether the learning rate changes at every step, or once an epoch as in the released code, whose last epoch of a linear schedule runs at rate 0.
   */
  readonly per: "epoch" | "step";
}
/**
 * It falls to 0 along a line.
 */
export interface CompleteLinearSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  readonly kind: "linear";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Whether the learning rate changes at every step, or once an epoch as in the released code, whose last epoch of a linear schedule runs at rate 0.
   */
  readonly per: "epoch" | "step";
}
/**
 * It falls at milestones.
 */
export interface CompleteStepSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  readonly kind: "step";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Epochs at which a step schedule multiplies the learning rate by gamma.
   */
  readonly milestones: readonly number[];
  /**
   * What a step schedule multiplies the learning rate by.
   */
  readonly gamma: number;
}
/**
 * The true labels.
 */
export interface CompleteCrossEntropyLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  readonly kind: "cross-entropy";
  /**
   * Share of the label that is spread over all classes.
   */
  readonly labelSmoothing: number;
}
/**
 * The teacher's soft labels.
 */
export interface CompleteDistillationLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  readonly kind: "distillation";
  /**
   * Divides the logits of teacher and student before the softmax.
   */
  readonly temperature: number;
}
/**
 * A weighted mean of both.
 */
export interface CompleteMixedLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  readonly kind: "mixed";
  /**
   * Share of the label that is spread over all classes.
   */
  readonly labelSmoothing: number;
  /**
   * Divides the logits of teacher and student before the softmax.
   */
  readonly temperature: number;
  /**
   * Share of the distillation term in a mixed loss, 0 to 1.
   */
  readonly distillationWeight: number;
}
/**
 * When a checkpoint is written.
 */
export interface CompleteCheckpoint {
  /**
   * Write a checkpoint every so many steps too. null: only at the end of epochs.
   */
  readonly everySteps: number | null;
  /**
   * Write a checkpoint every so many epochs.
   */
  readonly everyEpochs: number;
}
