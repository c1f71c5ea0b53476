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
 * Bits of weights and activations: one number for both, or one number for each.
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
 * The network whose soft labels are the training target: another experiment (which is trained before, once), or an architecture with its weights. null: no teacher.
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
 * The source of the initial weights: the best checkpoint of another experiment, or a weights file. null: random, from the seed.
 */
export type CompleteInit = {
  /**
   * File of the experiment whose trained weights are the initial weights, relative to this file.
   */
  readonly experiment?: string;
  /**
   * A named source (`torchvision:resnet18`), or a file relative to this one.
   */
  readonly weights?: string;
  /**
   * Whether the weights must fit: the file must have exactly the tensors of the full-precision network. false: parameters without matching tensors keep their default initial values.
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
 * The factor of the learning rate during training.
 */
export type CompleteSchedule =
  CompleteConstantSchedule | CompleteCosineSchedule | CompleteLinearSchedule | CompleteStepSchedule;
/**
 * What training minimizes.
 */
export type CompleteLoss = CompleteCrossEntropyLoss | CompleteDistillationLoss | CompleteMixedLoss;

/**
 * One experiment: a network, its quantization, its teacher, its data and its training. A file may be incomplete: required keys may be in a file of `extends`, in a profile or in the project's defaults.
 */
export interface CompleteExperiment {
  /**
   * Name of the experiment; the name of its run directory begins with it. Letters, digits, dot, underscore and hyphen.
   */
  readonly name: string;
  /**
   * One or several experiment files whose values this file extends and overrides, relative to this file; later files override earlier ones.
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
   * The engine that computes: `torch` and `tensorflow` run on all cores or on a GPU and must be installed; `wasm` runs everywhere; `cpu` is the slow reference; `auto` selects the best engine that is installed.
   */
  readonly engine: "auto" | "torch" | "tensorflow" | "wasm" | "cpu";
  /**
   * Number of processes that train together on each machine, each on an equal part of every batch; more than one process needs the engine torch.
   */
  readonly devices: number;
  /**
   * Number of machines that train together, each with `devices` processes; more than one machine needs the engine torch and Slurm.
   */
  readonly nodes: number;
}
/**
 * ResNet for CIFAR with 20, 32 or 56 layers.
 */
export interface CompleteCifarResnetArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "cifar-resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Number of layers with weights.
   */
  readonly depth: 20 | 32 | 56;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  readonly width: number;
}
/**
 * The first convolution, and the pooling after it.
 */
export interface CompleteStem {
  /**
   * Side length of the first convolution's kernel in pixels.
   */
  readonly kernel?: number;
  /**
   * Stride of the first convolution.
   */
  readonly stride?: number;
  /**
   * Number of output channels of the first convolution.
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
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "mobilenet-v2";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  readonly width: number;
}
/**
 * ResNet for ImageNet with 18, 34, 50 or 101 layers.
 */
export interface CompleteResnetArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "resnet";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Number of layers with weights.
   */
  readonly depth: 18 | 34 | 50 | 101;
  /**
   * Factor by which all numbers of channels are multiplied.
   */
  readonly width: number;
}
/**
 * A ResNet whose stages are defined in the experiment.
 */
export interface CompleteStagesArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "stages";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  readonly layout?: "n2uq" | "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * The stages of family `stages`, in order.
   */
  readonly stages: readonly CompleteStage[];
}
/**
 * Blocks of one kind and width; the first block may reduce the resolution.
 */
export interface CompleteStage {
  /**
   * The kind of residual block.
   */
  readonly block: "basic" | "bottleneck" | "inverted-residual";
  /**
   * Number of channels of the block's 3×3 convolutions; the output of a bottleneck has four times as many.
   */
  readonly channels: number;
  /**
   * Number of blocks in the stage.
   */
  readonly blocks: number;
  /**
   * Stride of the stage's first block.
   */
  readonly stride: number;
  /**
   * Number of channels inside an inverted residual, in multiples of its input channels.
   */
  readonly expansion: number;
}
/**
 * VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
 */
export interface CompleteVggArchitecture {
  /**
   * The family of the network. `cifar-resnet`: ResNet for CIFAR with 20, 32 or 56 layers. `mobilenet-v2`: MobileNetV2. `resnet`: ResNet for ImageNet with 18, 34, 50 or 101 layers. `stages`: A ResNet whose stages are defined in the experiment. `vgg`: VGG-small for CIFAR: six 3×3 convolutions and one linear layer (only in layout `torchvision`).
   */
  readonly family: "vgg";
  /**
   * `n2uq`: pre-activation blocks with RPReLU, as in the paper's student; `torchvision`: convolution, BatchNorm, ReLU. Default: n2uq for method n2uq, torchvision for every other method.
   */
  readonly layout?: "torchvision";
  /**
   * Number of classes. Default: that of the data set.
   */
  readonly classes?: number;
  /**
   * Height and width of the images in pixels, or one number for both. Default: those of the data set.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly inputSize?: number | [number, number];
  /**
   * Number of channels of the images. Default: that of the data set.
   */
  readonly inputChannels?: number;
  readonly stem?: CompleteStem;
  /**
   * Factor by which all numbers of channels are multiplied.
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
   * Rules for single layers, by glob on layer names; later rules take precedence.
   */
  readonly layers: readonly CompleteLayerRule[];
  /**
   * Number of intervals of the companding function (only for lcq); the paper uses 16.
   */
  readonly intervals: number;
  readonly regularizer: CompleteRegularizer;
}
/**
 * Settings of the layers whose names match; later rules take precedence.
 */
export interface CompleteLayerRule {
  /**
   * Glob on layer names; it must match at least one layer.
   */
  readonly match: string;
  readonly bits?: CompleteBitsSetting;
  readonly method?: Method;
  /**
   * true: full precision; false: quantized, even if a glob of quantization.keep matches the layer.
   */
  readonly keep?: boolean;
}
/**
 * How the weights are rescaled before they are quantized.
 */
export interface CompleteRegularizer {
  /**
   * `entropy` is the paper's regularizer; `weight-norm`, `learnable-scale` and `none` are the paper's ablations.
   */
  readonly kind: "entropy" | "weight-norm" | "learnable-scale" | "none";
  /**
   * Strength, 0 to 4. The paper uses 1; 0 does not change the weights.
   */
  readonly weight: number;
}
/**
 * CIFAR-10; downloaded on first use.
 */
export interface CompleteCifar10Data {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "cifar10";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`.
 */
export interface CompleteCifar100Data {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "cifar100";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * A folder of your images, with one folder per class.
 */
export interface CompleteImageFolderData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "image-folder";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
  /**
   * Name of the images in reports; not part of the experiment's hash. Default: the last part of `root`.
   */
  readonly name?: string;
  readonly splits: CompleteSplits;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  readonly maxUnreadable: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
}
/**
 * Names of the folders with the training and validation images.
 */
export interface CompleteSplits {
  /**
   * Folder of the training images, with one folder per class.
   */
  readonly train: string;
  /**
   * Folder of the validation images, with one folder per class.
   */
  readonly test: string;
}
/**
 * ImageNet in the layout of an image folder.
 */
export interface CompleteImagenetData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "imagenet";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
  readonly splits: CompleteSplits;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  readonly maxUnreadable: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
}
/**
 * MNIST; downloaded on first use.
 */
export interface CompleteMnistData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "mnist";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
}
/**
 * Tar files of images (WebDataset).
 */
export interface CompleteShardsData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "shards";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  /**
   * Folder of the data set's files, relative to this file. Default: the folder in the project config's `data`, or the user's cache, into which mnist and cifar10 are downloaded. The path is not part of the experiment's hash.
   */
  readonly root?: string;
  /**
   * Name of the images in reports; not part of the experiment's hash. Default: the last part of `root`.
   */
  readonly name?: string;
  /**
   * Maximum number of unreadable images in a split; if there are more, the run ends with an error. Each unreadable image is reported; in training the next image replaces it, in validation it is skipped. null: 1 % of the split, but at least 10.
   */
  readonly maxUnreadable: number | null;
  /**
   * Number of images that are decoded at the same time; results do not depend on it. null: the number of cores, at most 16.
   */
  readonly decodeThreads: number | null;
  /**
   * Maximum number of pixels of an image in a file. A larger image is not decoded and counts as unreadable, because every decoding thread needs memory for all pixels of its image, even if the file is small. Formats whose decoders need more memory have lower limits (docs/data.md).
   */
  readonly maxPixels: number;
  readonly shards: CompleteShards;
}
/**
 * The tar files of both splits.
 */
export interface CompleteShards {
  /**
   * Tar files of the training images; `{000..127}` expands to all numbers of the range, `{a,b}` to all words. Without this key there are no training images, which is sufficient for an evaluation.
   */
  readonly train?: string;
  /**
   * Tar files of the validation images.
   */
  readonly test?: string;
  /**
   * Number of classes. Default: the largest label of the training images plus 1, for which all their tar files are read.
   */
  readonly classes?: number;
}
/**
 * Images generated from a seed.
 */
export interface CompleteSyntheticData {
  /**
   * The data set. `cifar10`: CIFAR-10; downloaded on first use. `cifar100`: CIFAR-100 in its binary version, with the files train.bin and test.bin in `root`. `image-folder`: A folder of your images, with one folder per class. `imagenet`: ImageNet in the layout of an image folder. `mnist`: MNIST; downloaded on first use. `shards`: Tar files of images (WebDataset). `synthetic`: Images generated from a seed.
   */
  readonly dataset: "synthetic";
  /**
   * Number of training images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly trainLimit: number | null;
  /**
   * Number of validation images to use, from the first image on; image folders and shards alternate between the classes. null: all images.
   */
  readonly testLimit: number | null;
  readonly synthetic: CompleteSynthetic;
}
/**
 * The generated images: their number, classes, size and channels.
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
   * Number of channels of an image.
   */
  readonly channels: number;
  /**
   * Number of training images.
   */
  readonly trainSize: number;
  /**
   * Number of validation images.
   */
  readonly testSize: number;
  /**
   * Seed of the images.
   */
  readonly seed: number;
}
/**
 * Images are not changed.
 */
export interface CompleteNoneAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  readonly kind: "none";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  readonly validationResize?: number;
}
/**
 * As usual for CIFAR: padding, a random crop and a random horizontal flip.
 */
export interface CompletePadCropFlipAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  readonly kind: "pad-crop-flip";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  readonly validationResize?: number;
  /**
   * Number of black pixels added on each side before a random crop of the original size. Images in files are first resized to the network's input size.
   */
  readonly padding: number;
  /**
   * Whether half of the images are mirrored.
   */
  readonly horizontalFlip: boolean;
}
/**
 * As usual for ImageNet: a random part of the image, resized.
 */
export interface CompleteRandomResizedCropAugmentation {
  /**
   * The kind of random changes; every kind supports every data set. Default: `random-resized-crop` for images in files, `none` for images in memory. `none`: Images are not changed. `pad-crop-flip`: As usual for CIFAR: padding, a random crop and a random horizontal flip. `random-resized-crop`: As usual for ImageNet: a random part of the image, resized.
   */
  readonly kind: "random-resized-crop";
  /**
   * Length in pixels to which the short side of validation images is resized before the center crop; with `none` and `pad-crop-flip`, also that of training images. Default for images in files: 8/7 of the crop's side (256 for 224), or the crop's side with `pad-crop-flip`. Default for images in memory: the crop's side with `random-resized-crop`; with the other kinds these images are not cropped.
   */
  readonly validationResize?: number;
  /**
   * Whether half of the images are mirrored.
   */
  readonly horizontalFlip: boolean;
  /**
   * Side length of the crop in pixels, also for validation images. Default: architecture.inputSize, or the image size of the data set (224 for images in files).
   */
  readonly size?: number;
  /**
   * Smallest and largest fraction of the image's area that a crop covers.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly scale: readonly [number, number];
  /**
   * Smallest and largest aspect ratio (width divided by height) of a crop before it is resized to a square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly ratio: readonly [number, number];
  readonly colorJitter: CompleteColorJitter;
  /**
   * `exact` decodes training images at full resolution. `scaled` lets the JPEG decoder reduce images to a half or a quarter of their resolution if their crop still has enough pixels, which is faster and slightly less sharp. Validation images are always decoded exactly. Only for images in files.
   */
  readonly decode: "exact" | "scaled";
}
/**
 * Random changes of brightness, contrast and saturation.
 */
export interface CompleteColorJitter {
  /**
   * The brightness factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value.
   */
  readonly brightness: number;
  /**
   * The contrast factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value.
   */
  readonly contrast: number;
  /**
   * The saturation factor is drawn uniformly between 1 - x (at least 0) and 1 + x, where x is this value. Only for images with more than one channel.
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
   * Total number of optimizer steps; replaces `epochs`. null: the number of steps in all epochs.
   */
  readonly steps: number | null;
  /**
   * Number of images per step.
   */
  readonly batchSize: number;
  readonly optimizer: CompleteOptimizer;
  readonly schedule: CompleteSchedule;
  readonly loss?: CompleteLoss;
  /**
   * Seed of initial weights, shuffling and augmentation.
   */
  readonly seed: number;
  /**
   * Precision of matmuls and convolutions; weights, sums and all other operations stay float32. `bfloat16` needs the engine torch, `tf32` (19 of 32 bits; PyTorch's default for convolutions on a GPU) also a GPU.
   */
  readonly precision: "float32" | "tf32" | "bfloat16";
  /**
   * With several devices: whether BatchNorm uses the statistics of the entire batch, so that results do not depend on the number of devices. false: the statistics of each device's part, as in the released code.
   */
  readonly syncBatchNorm: boolean;
  readonly checkpoint: CompleteCheckpoint;
  /**
   * Whether a loss that is not finite ends the run, with the first layer that is not finite in the error.
   */
  readonly stopOnNaN: boolean;
  /**
   * A loss above this value ends the run with an error. null: no limit; only a loss that is not finite ends it.
   */
  readonly maxLoss: number | null;
}
/**
 * Adam (Kingma & Ba 2015).
 */
export interface CompleteAdamOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Decay rates of Adam's running means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly betas: readonly [number, number];
  /**
   * Constant that is added to Adam's denominator.
   */
  readonly epsilon: number;
}
/**
 * Parameters by name, with a separate learning rate and weight decay.
 */
export interface CompleteParameterGroup {
  /**
   * A glob on parameter names, or a list of them.
   */
  readonly match: string | string[];
  /**
   * Factor by which the optimizer's learning rate is multiplied for this group.
   */
  readonly lrScale: number;
  /**
   * The group's weight decay. Default: that of the optimizer.
   */
  readonly weightDecay?: number;
}
/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019).
 */
export interface CompleteAdamwOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Decay rates of Adam's running means of the gradient and of its square.
   *
   * @minItems 2
   * @maxItems 2
   */
  readonly betas: readonly [number, number];
  /**
   * Constant that is added to Adam's denominator.
   */
  readonly epsilon: number;
}
/**
 * Stochastic gradient descent with momentum.
 */
export interface CompleteSgdOptimizer {
  /**
   * The kind of optimizer. `adam`: Adam (Kingma & Ba 2015). `adamw`: Adam with decoupled weight decay (Loshchilov & Hutter 2019). `sgd`: Stochastic gradient descent with momentum.
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
   * Whether sgd uses Nesterov momentum.
   */
  readonly nesterov: boolean;
}
/**
 * The learning rate does not change.
 */
export interface CompleteConstantSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  readonly kind: "constant";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  readonly warmupEpochs: number;
}
/**
 * The learning rate decreases to 0 along half a cosine.
 */
export interface CompleteCosineSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  readonly kind: "cosine";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Whether the learning rate changes at every step or once per epoch. `epoch` is as in the released code: the last epoch of a linear schedule has learning rate 0.
   */
  readonly per: "epoch" | "step";
}
/**
 * The learning rate decreases linearly to 0.
 */
export interface CompleteLinearSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  readonly kind: "linear";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Whether the learning rate changes at every step or once per epoch. `epoch` is as in the released code: the last epoch of a linear schedule has learning rate 0.
   */
  readonly per: "epoch" | "step";
}
/**
 * The learning rate decreases at milestones.
 */
export interface CompleteStepSchedule {
  /**
   * How the learning rate decreases. `constant`: The learning rate does not change. `cosine`: The learning rate decreases to 0 along half a cosine. `linear`: The learning rate decreases linearly to 0. `step`: The learning rate decreases at milestones.
   */
  readonly kind: "step";
  /**
   * Number of epochs at the start in which the learning rate increases from 0.
   */
  readonly warmupEpochs: number;
  /**
   * Epochs at which a step schedule multiplies the learning rate by gamma.
   */
  readonly milestones: readonly number[];
  /**
   * Factor by which a step schedule multiplies the learning rate.
   */
  readonly gamma: number;
}
/**
 * Cross-entropy with the true labels.
 */
export interface CompleteCrossEntropyLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  readonly kind: "cross-entropy";
  /**
   * Fraction of the label that is distributed evenly over all classes.
   */
  readonly labelSmoothing: number;
}
/**
 * Cross-entropy with the teacher's soft labels.
 */
export interface CompleteDistillationLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  readonly kind: "distillation";
  /**
   * Temperature: the logits of teacher and student are divided by it before the softmax.
   */
  readonly temperature: number;
}
/**
 * A weighted mean of distillation and cross-entropy.
 */
export interface CompleteMixedLoss {
  /**
   * The kind of loss. Default: distillation with a teacher, cross-entropy without one. `cross-entropy`: Cross-entropy with the true labels. `distillation`: Cross-entropy with the teacher's soft labels. `mixed`: A weighted mean of distillation and cross-entropy.
   */
  readonly kind: "mixed";
  /**
   * Fraction of the label that is distributed evenly over all classes.
   */
  readonly labelSmoothing: number;
  /**
   * Temperature: the logits of teacher and student are divided by it before the softmax.
   */
  readonly temperature: number;
  /**
   * Weight of the distillation term in a mixed loss, 0 to 1; cross-entropy has the remaining weight.
   */
  readonly distillationWeight: number;
}
/**
 * When a checkpoint is written.
 */
export interface CompleteCheckpoint {
  /**
   * Number of steps between checkpoints, in addition to those at the end of epochs. null: only at the end of epochs.
   */
  readonly everySteps: number | null;
  /**
   * Number of epochs between checkpoints.
   */
  readonly everyEpochs: number;
}
