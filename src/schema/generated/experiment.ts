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
 * Bits of weights and activations: one number for both, or one number for each.
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
 * The network whose soft labels are the training target: another experiment (which is trained before, once), or an architecture with its weights. null: no teacher.
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
 * The source of the initial weights: the best checkpoint of another experiment, or a weights file. null: random, from the seed.
 */
export type Init = {
  /**
   * File of the experiment whose trained weights are the initial weights, relative to this file.
   */
  experiment?: string;
  /**
   * A named source (`torchvision:resnet18`), or a file relative to this one.
   */
  weights?: string;
  /**
   * Whether the weights must fit: the file must have exactly the tensors of the full-precision network. false: parameters without matching tensors keep their default initial values.
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
 * The factor of the learning rate during training.
 */
export type Schedule = ConstantSchedule | CosineSchedule | LinearSchedule | StepSchedule;
/**
 * What training minimizes.
 */
export type Loss = CrossEntropyLoss | DistillationLoss | MixedLoss;

/**
 * One experiment: a network, its quantization, its teacher, its data and its training. A file may be incomplete: required keys may be in a file of `extends`, in a profile or in the project's defaults.
 */
export interface Experiment {
  /**
   * Name of the experiment; the name of its run directory begins with it. Letters, digits, dot, underscore and hyphen.
   */
  name?: string;
  /**
   * One or several experiment files whose values this file extends and overrides, relative to this file; later files override earlier ones.
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
   * The engine that computes: `torch` and `tensorflow` run on all cores or on a GPU and must be installed; `wasm` runs everywhere; `cpu` is the slow reference; `auto` selects the best engine that is installed.
   */
  engine?: "auto" | "torch" | "tensorflow" | "wasm" | "cpu";
  /**
   * Number of processes that train together on each machine, each on an equal part of every batch; more than one process needs the engine torch.
   */
  devices?: number;
  /**
   * Number of machines that train together, each with `devices` processes; more than one machine needs the engine torch and Slurm.
   */
  nodes?: number;
}
/**
 * ResNet for CIFAR with 20, 32 or 56 layers.
 */
export interface CifarResnetArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "cifar-resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Number of layers with weights.
   */
  depth?: 20 | 32 | 56;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  width?: number;
}
/**
 * The first convolution, and the pooling after it.
 */
export interface Stem {
  /**
   * Side length of the first convolution's kernel in pixels.
   */
  kernel?: number;
  /**
   * Stride of the first convolution.
   */
  stride?: number;
  /**
   * Number of output channels of the first convolution.
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
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "mobilenet-v2";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  width?: number;
}
/**
 * ResNet for ImageNet with 18, 34, 50 or 101 layers.
 */
export interface ResnetArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Number of layers with weights.
   */
  depth?: 18 | 34 | 50 | 101;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  width?: number;
}
/**
 * A ResNet whose stages are defined in the experiment.
 */
export interface StagesArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "stages";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * The stages of family `stages`, in order.
   */
  stages?: Stage[];
}
/**
 * Blocks of one kind and width; the first block may reduce the resolution.
 */
export interface Stage {
  /**
   * The kind of residual block.
   */
  block: "basic" | "bottleneck" | "inverted-residual";
  /**
   * Number of channels of the block's 3×3 convolutions; the output of a bottleneck has four times as many.
   */
  channels: number;
  /**
   * Number of blocks in the stage.
   */
  blocks: number;
  /**
   * Stride of the stage's first block.
   */
  stride?: number;
  /**
   * Number of channels inside an inverted residual, in multiples of its input channels.
   */
  expansion?: number;
}
/**
 * VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
 */
export interface VggArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  family?: "vgg";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  layout?: "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  inputChannels?: number;
  stem?: Stem;
  /**
   * Factor by which all numbers of channels are multiplied.
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
   * Rules for single layers, by glob on layer names; later rules take precedence.
   */
  layers?: LayerRule[];
  /**
   * Number of intervals of the companding function (only for lcq); the paper uses 16.
   */
  intervals?: number;
  regularizer?: Regularizer;
}
/**
 * Settings of the layers whose names match; later rules take precedence.
 */
export interface LayerRule {
  /**
   * Glob on layer names; it must match at least one layer.
   */
  match: string;
  bits?: BitsSetting;
  method?: Method;
  /**
   * true: full precision; false: quantized, even if a glob of quantization.keep matches the layer.
   */
  keep?: boolean;
}
/**
 * How the weights are rescaled before they are quantized.
 */
export interface Regularizer {
  /**
   * `entropy` is the paper's regularizer; `weight-norm`, `learnable-scale` and `none` are the paper's ablations.
   */
  kind?: "entropy" | "weight-norm" | "learnable-scale" | "none";
  /**
   * Strength, 0 to 4. The paper uses 1; 0 does not change the weights.
   */
  weight?: number;
}
/**
 * CIFAR-10; downloaded on first use.
 */
export interface Cifar10Data {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "cifar10";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`.
 */
export interface Cifar100Data {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "cifar100";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * A folder of your images, with one folder per class.
 */
export interface ImageFolderData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "image-folder";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
  /**
   * Name of the images in reports; not part of the experiment's hash. Default: the last part of `root`.
   */
  name?: string;
  splits?: Splits;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  maxUnreadable?: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  maxPixels?: number;
}
/**
 * Names of the folders with the training and validation images.
 */
export interface Splits {
  /**
   * Folder of the training images, with one folder per class.
   */
  train?: string;
  /**
   * Folder of the validation images, with one folder per class.
   */
  test?: string;
}
/**
 * ImageNet in the layout of an image folder.
 */
export interface ImagenetData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "imagenet";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
  splits?: Splits;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  maxUnreadable?: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  maxPixels?: number;
}
/**
 * MNIST; downloaded on first use.
 */
export interface MnistData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "mnist";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
}
/**
 * Tar files of images (WebDataset).
 */
export interface ShardsData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "shards";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  root?: string;
  /**
   * Name of the images in reports; not part of the experiment's hash. Default: the last part of `root`.
   */
  name?: string;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  maxUnreadable?: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  decodeThreads?: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  maxPixels?: number;
  shards?: Shards;
}
/**
 * The tar files of both splits.
 */
export interface Shards {
  /**
   * Tar files of the training images; `{000..127}` expands to all numbers of the range, `{a,b}` to all words. Without this key there are no training images, which is sufficient for an evaluation.
   */
  train?: string;
  /**
   * Tar files of the validation images.
   */
  test?: string;
  /**
   * Number of classes. Default: the largest label of the training images plus 1, for which all their tar files are read.
   */
  classes?: number;
}
/**
 * Images generated from a seed.
 */
export interface SyntheticData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  dataset?: "synthetic";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  trainLimit?: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  testLimit?: number | null;
  synthetic?: Synthetic;
}
/**
 * The generated images: their number, classes, size and channels.
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
   * Number of channels of an image.
   */
  channels?: number;
  /**
   * Number of training images.
   */
  trainSize?: number;
  /**
   * Number of validation images.
   */
  testSize?: number;
  /**
   * Seed of the images.
   */
  seed?: number;
}
/**
 * Images are not changed.
 */
export interface NoneAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  kind?: "none";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  validationResize?: number;
}
/**
 * As usual for CIFAR: padding, a random crop and a random horizontal flip.
 */
export interface PadCropFlipAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  kind?: "pad-crop-flip";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  validationResize?: number;
  /**
   * Number of black pixels added on each side before a random crop of the original size. Images in files are first resized to the network's input size.
   */
  padding?: number;
  /**
   * Whether half of the images are mirrored.
   */
  horizontalFlip?: boolean;
}
/**
 * As usual for ImageNet: a random part of the image, resized.
 */
export interface RandomResizedCropAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  kind?: "random-resized-crop";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  validationResize?: number;
  /**
   * Whether half of the images are mirrored.
   */
  horizontalFlip?: boolean;
  /**
   * Side length of the crop in pixels, also for validation images. Default: architecture.inputSize, or the image size of the data set (224 for images in files).
   */
  size?: number;
  /**
   * Smallest and largest fraction of the image's area that a crop covers.
   *
   * @minItems 2
   * @maxItems 2
   */
  scale?: [number, number];
  /**
   * Smallest and largest aspect ratio (width divided by height) of a crop before it is resized to a square.
   *
   * @minItems 2
   * @maxItems 2
   */
  ratio?: [number, number];
  colorJitter?: ColorJitter;
  /**
   * `exact` decodes training images at full resolution. `scaled` lets the JPEG decoder reduce images to a half or a quarter of their resolution if their crop still has enough pixels, which is faster and slightly less sharp. Validation images are always decoded exactly. Only for images in files.
   */
  decode?: "exact" | "scaled";
}
/**
 * Random changes of brightness, contrast and saturation.
 */
export interface ColorJitter {
  /**
   * The brightness factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value.
   */
  brightness?: number;
  /**
   * The contrast factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value.
   */
  contrast?: number;
  /**
   * The saturation factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value. Only for images with more than one channel.
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
   * Total number of optimizer steps; replaces `epochs`. null: the number of steps in all epochs.
   */
  steps?: number | null;
  /**
   * Number of images per step.
   */
  batchSize?: number;
  optimizer?: Optimizer;
  schedule?: Schedule;
  loss?: Loss;
  /**
   * Seed of initial weights, shuffling and augmentation.
   */
  seed?: number;
  /**
   * Precision of matmuls and convolutions; weights, sums and all other operations stay float32. `bfloat16` needs the engine torch, `tf32` (19 of 32 bits; PyTorch's default for convolutions on a GPU) also a GPU.
   */
  precision?: "float32" | "tf32" | "bfloat16";
  /**
   * With several devices: whether BatchNorm uses the statistics of the entire batch, so that results do not depend on the number of devices. false: the statistics of each device's part, as in the released code.
   */
  syncBatchNorm?: boolean;
  checkpoint?: Checkpoint;
  /**
   * Whether a loss that is not finite ends the run, with the first layer that is not finite in the error.
   */
  stopOnNaN?: boolean;
  /**
   * A loss above this value ends the run with an error. null: no limit; only a loss that is not finite ends it.
   */
  maxLoss?: number | null;
}
/**
 * Adam (Kingma & Ba 2015).
 */
export interface AdamOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Decay rates of Adam's running means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  betas?: [number, number];
  /**
   * Constant that is added to Adam's denominator.
   */
  epsilon?: number;
}
/**
 * Parameters by name, with a separate learning rate and weight decay.
 */
export interface ParameterGroup {
  /**
   * A glob on parameter names, or a list of them.
   */
  match: string | string[];
  /**
   * Factor by which the optimizer's learning rate is multiplied for this group.
   */
  lrScale?: number;
  /**
   * The group's weight decay. Default: that of the optimizer.
   */
  weightDecay?: number;
}
/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 */
export interface AdamwOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Decay rates of Adam's running means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  betas?: [number, number];
  /**
   * Constant that is added to Adam's denominator.
   */
  epsilon?: number;
}
/**
 * Stochastic gradient descent with momentum.
 */
export interface SgdOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Whether sgd uses Nesterov momentum.
   */
  nesterov?: boolean;
}
/**
 * The learning rate does not change.
 */
export interface ConstantSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  kind?: "constant";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  warmupEpochs?: number;
}
/**
 * The learning rate decreases to 0 along half a cosine.
 */
export interface CosineSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  kind?: "cosine";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  warmupEpochs?: number;
  /**
   * Whether the learning rate changes at every step or once per epoch. `epoch` is as in the released code: the last epoch of a linear schedule has learning rate 0.
   */
  per?: "epoch" | "step";
}
/**
 * The learning rate decreases linearly to 0.
 */
export interface LinearSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  kind?: "linear";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  warmupEpochs?: number;
  /**
   * Whether the learning rate changes at every step or once per epoch. `epoch` is as in the released code: the last epoch of a linear schedule has learning rate 0.
   */
  per?: "epoch" | "step";
}
/**
 * The learning rate decreases at milestones.
 */
export interface StepSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  kind?: "step";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  warmupEpochs?: number;
  /**
   * Epochs at which a step schedule multiplies the learning rate by gamma.
   */
  milestones?: number[];
  /**
   * Factor by which a step schedule multiplies the learning rate.
   */
  gamma?: number;
}
/**
 * Cross-entropy with the true labels.
 */
export interface CrossEntropyLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  kind?: "cross-entropy";
  /**
   * Fraction of the label that is distributed evenly over all classes.
   */
  labelSmoothing?: number;
}
/**
 * Cross-entropy with the teacher's soft labels.
 */
export interface DistillationLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  kind?: "distillation";
  /**
   * Temperature: the logits of teacher and student are divided by it before the softmax.
   */
  temperature?: number;
}
/**
 * A weighted mean of distillation and cross-entropy.
 */
export interface MixedLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  kind?: "mixed";
  /**
   * Fraction of the label that is distributed evenly over all classes.
   */
  labelSmoothing?: number;
  /**
   * Temperature: the logits of teacher and student are divided by it before the softmax.
   */
  temperature?: number;
  /**
   * Weight of the distillation term in a mixed loss, 0 to 1; cross-entropy has the remaining weight.
   */
  distillationWeight?: number;
}
/**
 * When a checkpoint is written.
 */
export interface Checkpoint {
  /**
   * Number of steps between checkpoints, in addition to those at the end of epochs. null: only at the end of epochs.
   */
  everySteps?: number | null;
  /**
   * Number of epochs between checkpoints.
   */
  everyEpochs?: number;
}
