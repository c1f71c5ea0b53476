// Generated from schemas/source and fragments by `npm run schemas`. Do not edit.

/**
 * The network: its family, depth, width, layout and the size of its images.
 */
export type Architecture =
  | CifarResnetArchitecture
  | MobilenetV2Architecture
  | ResnetArchitecture
  | StagesArchitecture
  | VggArchitecture;
/**
 * The quantizer of weights and activations.
 */
export type Method = "none" | "apot" | "dorefa" | "lcq" | "lsq" | "lsq-plus" | "n2uq" | "pact";
/**
 * Bits of weights and activations: one number for both, or one for each.
 */
export type BitsSetting =
  | number
  | {
      /**
       * Bits of the weights, 1 to 8.
       */
      weights?: number;
      /**
       * Bits of the activations, 1 to 8.
       */
      activations?: number;
    };
/**
 * The network whose soft labels are learned: another experiment (trained first, once), or an architecture with its weights. null: no teacher.
 */
export type Teacher = {
  /**
   * File of the teacher's experiment, relative to this file.
   */
  experiment?: string;
  architecture?: Architecture;
  /**
   * The teacher's weights: a named source (`torchvision:resnet101`), or a file relative to this one.
   */
  weights?: string;
} | null;
/**
 * Where the first weights come from: another experiment's best checkpoint, or a weights file. null: random from the seed.
 */
export type Init = {
  /**
   * File of the experiment whose trained weights are taken, relative to this file.
   */
  experiment?: string;
  /**
   * A named source (`torchvision:resnet18`), or a file relative to this one.
   */
  weights?: string;
  /**
   * Whether the weights must fit: nothing that the full-precision network has may be missing or left over. false: what does not fit starts fresh.
   */
  strict?: boolean;
} | null;
/**
 * The data set, its splits, and how its images are read.
 */
export type Data =
  Cifar10Data | Cifar100Data | ImageFolderData | ImagenetData | MnistData | ShardsData | SyntheticData;
/**
 * Random changes of training images.
 */
export type Augmentation = NoneAugmentation | PadCropFlipAugmentation | RandomResizedCropAugmentation;
/**
 * The rule that updates the parameters, with its learning rate.
 */
export type Optimizer = AdamOptimizer | AdamwOptimizer | SgdOptimizer;
/**
 * The factor on the learning rate during training.
 */
export type Schedule = ConstantSchedule | CosineSchedule | LinearSchedule | StepSchedule;
/**
 * What training minimizes.
 */
export type Loss = CrossEntropyLoss | DistillationLoss | MixedLoss;

/**
 * One experiment: a network, how it is quantized, what teaches it, its data and its training. Files are overlays: what is required may come from `extends`, a profile or the project's defaults.
 */
export interface Experiment {
  /**
   * Name of the experiment; the run directory begins with it. Letters, digits, dot, underscore and hyphen.
   */
  name?: string;
  /**
   * One or several experiment files that this one builds on, relative to this file; of several, later ones win over earlier ones.
   */
  extends?: string | string[];
  architecture?: Architecture;
  quantization?: Quantization;
  teacher?: Teacher;
  init?: Init;
  data?: Data;
  augmentation?: Augmentation;
  training?: Training;
  /**
   * What computes: `torch` on all cores or `tensorflow` on a GPU or on all cores, once they are installed, `wasm` everywhere, `cpu` is the slow reference; `auto` takes the best that is installed.
   */
  engine?: "auto" | "torch" | "tensorflow" | "wasm" | "cpu";
  /**
   * Processes that train together on each machine, each on an equal part of every batch; more than one needs the engine torch.
   */
  devices?: number;
  /**
   * Machines that train together, each with `devices` processes; more than one needs the engine torch and Slurm.
   */
  nodes?: number;
}
/**
 * CIFAR's ResNet of 20, 32 or 56 layers.
 */
export interface CifarResnetArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "cifar-resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Number of layers with weights.
   */
  depth?: 20 | 32 | 56;
  /**
   * Every channel count is multiplied by this.
   */
  width?: number;
}
/**
 * The first convolution, and the pooling after it.
 */
export interface Stem {
  /**
   * Side of the first convolution's kernel in pixels.
   */
  kernel?: number;
  /**
   * Stride of the first convolution.
   */
  stride?: number;
  /**
   * Channels that the first convolution puts out.
   */
  channels?: number;
  /**
   * Whether a 3×3 max-pool of stride 2 follows the first convolution.
   */
  pool?: boolean;
}
/**
 * MobileNetV2.
 */
export interface MobilenetV2Architecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "mobilenet-v2";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Every channel count is multiplied by this.
   */
  width?: number;
}
/**
 * ImageNet's ResNet of 18, 34, 50 or 101 layers.
 */
export interface ResnetArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Number of layers with weights.
   */
  depth?: 18 | 34 | 50 | 101;
  /**
   * Every channel count is multiplied by this.
   */
  width?: number;
}
/**
 * A ResNet of stages that the experiment declares one by one.
 */
export interface StagesArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "stages";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * The stages of family `stages`, in order.
   */
  stages?: Stage[];
}
/**
 * Blocks of one kind and width; the first one may reduce the size.
 */
export interface Stage {
  /**
   * The kind of residual block.
   */
  block: "basic" | "bottleneck" | "inverted-residual";
  /**
   * Channels of the block's 3×3 convolutions; a bottleneck puts out four times as many.
   */
  channels: number;
  /**
   * How many blocks the stage has.
   */
  blocks: number;
  /**
   * Stride of the stage's first block.
   */
  stride?: number;
  /**
   * Middle width of an inverted residual, in multiples of its input.
   */
  expansion?: number;
}
/**
 * CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
 */
export interface VggArchitecture {
  /**
   * Which network. `cifar-resnet`: CIFAR's ResNet of 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ImageNet's ResNet of 18, 34, 50 or 101 layers. `stages`: A ResNet of stages that the experiment declares one by one. `vgg`: CIFAR's VGG-small: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "vgg";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Not given: n2uq when quantized by n2uq, torchvision otherwise.
   */
  layout?: "torchvision";
  /**
   * Number of classes. Not given: the data set's.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Not given: the data set's.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Channels of the images. Not given: the data set's.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Every channel count is multiplied by this.
   */
  width?: number;
}
/**
 * Which layers are quantized, by which method, and to how many bits.
 */
export interface Quantization {
  method?: Method;
  bits?: BitsSetting;
  /**
   * Whether the 1×1 convolutions of the shortcuts are quantized too.
   */
  downsample?: boolean;
  /**
   * Globs of layers that stay in full precision. null: the first convolution and the classifier.
   */
  keep?: string[] | null;
  /**
   * Rules for single layers, by glob on layer names; later rules win.
   */
  layers?: LayerRule[];
  /**
   * Intervals of the companding function (of lcq only); 16 is the paper's.
   */
  intervals?: number;
  regularizer?: Regularizer;
}
/**
 * Settings of the layers whose names match; later rules take precedence.
 */
export interface LayerRule {
  /**
   * Glob on layer names; it must match at least one.
   */
  match: string;
  bits?: BitsSetting;
  method?: Method;
  /**
   * true: full precision; false: quantized, even where `keep` above names the layer.
   */
  keep?: boolean;
}
/**
 * How the weights are rescaled before they are quantized.
 */
export interface Regularizer {
  /**
   * `entropy` is the paper's; `weight-norm`, `learnable-scale` and `none` are its ablations.
   */
  kind?: "entropy" | "weight-norm" | "learnable-scale" | "none";
  /**
   * Strength, 0 to 4: 1 is the paper's, 0 leaves the weights as they are.
   */
  weight?: number;
}
/**
 * CIFAR-10; fetched on first use.
 */
export interface Cifar10Data {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "cifar10";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * CIFAR-100 in its binary version: train.bin and test.bin in `root`.
 */
export interface Cifar100Data {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "cifar100";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * A folder of yours with a folder a class.
 */
export interface ImageFolderData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "image-folder";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
  /**
   * Which images these are, in place of the path: counts as part of the experiment, and names them in reports. Not given: the last part of `root`.
   */
  name?: string;
  splits?: Splits;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  maxUnreadable?: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  maxPixels?: number;
}
/**
 * Names of the folders with the training and validation images.
 */
export interface Splits {
  /**
   * Folder of the training images, with a folder a class.
   */
  train?: string;
  /**
   * Folder of the validation images, with a folder a class.
   */
  test?: string;
}
/**
 * ImageNet, laid out as an image folder.
 */
export interface ImagenetData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "imagenet";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
  splits?: Splits;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  maxUnreadable?: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  maxPixels?: number;
}
/**
 * MNIST; fetched on first use.
 */
export interface MnistData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "mnist";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * Tar files of images (WebDataset).
 */
export interface ShardsData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "shards";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Not given: the project config's `data`, or the user's cache, into which mnist and cifar10 are fetched. Its path is not part of the experiment's hash.
   */
  root?: string;
  /**
   * Which images these are, in place of the path: counts as part of the experiment, and names them in reports. Not given: the last part of `root`.
   */
  name?: string;
  /**
   * Maximum number of unreadable images in a split; more end the run with an error. Each is named; in training the next image replaces it, in validation it is skipped. null: a hundredth of the split, and at least ten.
   */
  maxUnreadable?: number | null;
  /**
   * How many images are decoded at the same time; results do not depend on it. null: as many as there are cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * An image in a file with more pixels is not decoded and counts as unreadable, since decoding takes memory by the pixel in every thread, however small the file. Formats whose decoders hold more have lower limits (docs/data.md).
   */
  maxPixels?: number;
  shards?: Shards;
}
/**
 * The tar files of both splits.
 */
export interface Shards {
  /**
   * Tar files of the training images; `{000..127}` expands to all numbers, `{a,b}` to all words. Not given: none, for an evaluation.
   */
  train?: string;
  /**
   * Tar files of the validation images.
   */
  test?: string;
  /**
   * Number of classes. Not given: the largest label of the training images and one, for which their shards are looked through.
   */
  classes?: number;
}
/**
 * Images made from a seed.
 */
export interface SyntheticData {
  /**
   * Which images. `cifar10`: CIFAR-10; fetched on first use. `cifar100`: CIFAR-100 in its binary version: train.bin and test.bin in `root`. `image-folder`: A folder of yours with a folder a class. `imagenet`: ImageNet, laid out as an image folder. `mnist`: MNIST; fetched on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images made from a seed.
   */
  dataset?: "synthetic";
  /**
   * Train on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  trainLimit?: number | null;
  /**
   * Test on the first so many images only; of image folders and shards on the first of each class in turn. null: all.
   */
  testLimit?: number | null;
  synthetic?: Synthetic;
}
/**
 * The generated images: their classes, size and channels.
 */
export interface Synthetic {
  /**
   * Number of classes.
   */
  classes?: number;
  /**
   * Height and width in pixels.
   *
   * @minItems 2
   * @maxItems 2
   */
  imageSize?: [number, number];
  /**
   * Channels of an image.
   */
  channels?: number;
  /**
   * Images to train on.
   */
  trainSize?: number;
  /**
   * Images to test on.
   */
  testSize?: number;
  /**
   * Seed of the images.
   */
  seed?: number;
}
/**
 * The images as they are.
 */
export interface NoneAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  kind?: "none";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  validationResize?: number;
}
/**
 * CIFAR's: pad, crop at random, flip.
 */
export interface PadCropFlipAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  kind?: "pad-crop-flip";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  validationResize?: number;
  /**
   * Black pixels on each side before a random crop of the old size. Images in files are resized to the network's size first.
   */
  padding?: number;
  /**
   * Whether half of the images are mirrored.
   */
  horizontalFlip?: boolean;
}
/**
 * ImageNet's: a random part of the image, resized.
 */
export interface RandomResizedCropAugmentation {
  /**
   * How training images are varied; each works on every data set. Not given: `random-resized-crop` for images in files, `none` for those in memory. `none`: The images as they are. `pad-crop-flip`: CIFAR's: pad, crop at random, flip. `random-resized-crop`: ImageNet's: a random part of the image, resized.
   */
  kind?: "random-resized-crop";
  /**
   * Short side in pixels to which validation images are resized before the center crop; with `none` and `pad-crop-flip`, training images too. Not given: 8/7 of the crop's side (256 for 224) for images in files, the crop's side with `pad-crop-flip`; images in memory are not cropped then.
   */
  validationResize?: number;
  /**
   * Whether half of the images are mirrored.
   */
  horizontalFlip?: boolean;
  /**
   * Side of the crop in pixels, of test images too. Not given: architecture.inputSize, or the data set's own size (224 for images in files).
   */
  size?: number;
  /**
   * Smallest and largest share of the image's area that a crop covers.
   *
   * @minItems 2
   * @maxItems 2
   */
  scale?: [number, number];
  /**
   * Smallest and largest width of a crop divided by its height, before it is resized to a square.
   *
   * @minItems 2
   * @maxItems 2
   */
  ratio?: [number, number];
  colorJitter?: ColorJitter;
  /**
   * `exact` decodes training images in full; `scaled` lets the JPEG decoder halve (or quarter) those whose crop has pixels to spare, which is faster and a little less sharp. Test images are always exact. Only for images in files.
   */
  decode?: "exact" | "scaled";
}
/**
 * Random changes of brightness, contrast and saturation.
 */
export interface ColorJitter {
  /**
   * The factor of brightness is drawn from 1 - this to 1 + this, at least 0.
   */
  brightness?: number;
  /**
   * The factor of contrast is drawn from 1 - this to 1 + this, at least 0.
   */
  contrast?: number;
  /**
   * The factor of saturation is drawn from 1 - this to 1 + this, at least 0. Only for images with more than one channel.
   */
  saturation?: number;
}
/**
 * How long, in which batches, and with which optimizer, schedule and loss the network is trained.
 */
export interface Training {
  /**
   * Number of epochs: iterations over the training images.
   */
  epochs?: number;
  /**
   * Optimizer steps in all; takes the place of `epochs`. null: as many as the epochs have.
   */
  steps?: number | null;
  /**
   * Images in a step.
   */
  batchSize?: number;
  optimizer?: Optimizer;
  schedule?: Schedule;
  loss?: Loss;
  /**
   * Seed of first weights, shuffling and augmentation.
   */
  seed?: number;
  /**
   * Precision of matmuls and convolutions; weights, sums and all other operations stay float32. `bfloat16` needs the engine torch, `tf32` (19 of 32 bits) also a GPU.
   */
  precision?: "float32" | "tf32" | "bfloat16";
  /**
   * With several devices: whether BatchNorm's statistics are those of the entire batch, so that results do not depend on the number of devices. false: those of each device's part, as in the released code.
   */
  syncBatchNorm?: boolean;
  checkpoint?: Checkpoint;
  /**
   * Whether a loss that is not finite ends the run, naming the layer where it began.
   */
  stopOnNaN?: boolean;
  /**
   * A loss above this ends the run as exploded. null: only one that is not finite does.
   */
  maxLoss?: number | null;
}
/**
 * Adam (Kingma & Ba 2015).
 */
export interface AdamOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  kind?: "adam";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  groups?: ParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  lr?: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  weightDecay?: number;
  /**
   * Decay of Adam's means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  betas?: [number, number];
  /**
   * Added to Adam's denominator.
   */
  epsilon?: number;
}
/**
 * Parameters by name, with their own learning rate and weight decay.
 */
export interface ParameterGroup {
  /**
   * A glob on parameter names, or a list of them.
   */
  match: string | string[];
  /**
   * The group's learning rate, in multiples of the optimizer's.
   */
  lrScale?: number;
  /**
   * The group's weight decay. Not given: the optimizer's.
   */
  weightDecay?: number;
}
/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 */
export interface AdamwOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  kind?: "adamw";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  groups?: ParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  lr?: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  weightDecay?: number;
  /**
   * Decay of Adam's means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  betas?: [number, number];
  /**
   * Added to Adam's denominator.
   */
  epsilon?: number;
}
/**
 * Stochastic gradient descent with momentum.
 */
export interface SgdOptimizer {
  /**
   * Which optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
   */
  kind?: "sgd";
  /**
   * Parameters with a separate learning rate or weight decay; a parameter belongs to the first group that matches it.
   */
  groups?: ParameterGroup[];
  /**
   * Learning rate at the start of the schedule.
   */
  lr?: number;
  /**
   * L2 penalty, added to the gradient as weightDecay times the parameter.
   */
  weightDecay?: number;
  /**
   * Momentum of sgd.
   */
  momentum?: number;
  /**
   * Whether sgd looks ahead by its momentum.
   */
  nesterov?: boolean;
}
/**
 * The learning rate stays.
 */
export interface ConstantSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  kind?: "constant";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  warmupEpochs?: number;
}
/**
 * It falls to 0 along half a cosine.
 */
export interface CosineSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  kind?: "cosine";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  warmupEpochs?: number;
  /**
   * Whether the learning rate changes at every step, or once an epoch as in the released code, whose last epoch of a linear schedule runs at rate 0.
   */
  per?: "epoch" | "step";
}
/**
 * It falls to 0 along a line.
 */
export interface LinearSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  kind?: "linear";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  warmupEpochs?: number;
  /**
   * Whether the learning rate changes at every step, or once an epoch as in the released code, whose last epoch of a linear schedule runs at rate 0.
   */
  per?: "epoch" | "step";
}
/**
 * It falls at milestones.
 */
export interface StepSchedule {
  /**
   * How the learning rate falls. `constant`: The learning rate stays. `cosine`: It falls to 0 along half a cosine. `linear`: It falls to 0 along a line. `step`: It falls at milestones.
   */
  kind?: "step";
  /**
   * Epochs in which the learning rate rises from 0.
   */
  warmupEpochs?: number;
  /**
   * Epochs at which a step schedule multiplies the learning rate by gamma.
   */
  milestones?: number[];
  /**
   * What a step schedule multiplies the learning rate by.
   */
  gamma?: number;
}
/**
 * The true labels.
 */
export interface CrossEntropyLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  kind?: "cross-entropy";
  /**
   * Share of the label that is spread over all classes.
   */
  labelSmoothing?: number;
}
/**
 * The teacher's soft labels.
 */
export interface DistillationLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  kind?: "distillation";
  /**
   * Divides the logits of teacher and student before the softmax.
   */
  temperature?: number;
}
/**
 * A weighted mean of both.
 */
export interface MixedLoss {
  /**
   * Which loss. Not given: distillation where there is a teacher, cross-entropy otherwise. `cross-entropy`: The true labels. `distillation`: The teacher's soft labels. `mixed`: A weighted mean of both.
   */
  kind?: "mixed";
  /**
   * Share of the label that is spread over all classes.
   */
  labelSmoothing?: number;
  /**
   * Divides the logits of teacher and student before the softmax.
   */
  temperature?: number;
  /**
   * Share of the distillation term in a mixed loss, 0 to 1.
   */
  distillationWeight?: number;
}
/**
 * When a checkpoint is written.
 */
export interface Checkpoint {
  /**
   * Write a checkpoint every so many steps too. null: only at the end of epochs.
   */
  everySteps?: number | null;
  /**
   * Write a checkpoint every so many epochs.
   */
  everyEpochs?: number;
}
