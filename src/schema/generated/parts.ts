// Generated from schemas/*/*.json by `npm run schemas`. Do not edit.

/** The parts that the schemas' fragments declare, by table. */
export interface PartNames {
  readonly models: "cifar-resnet" | "mobilenet-v2" | "resnet" | "stages" | "vgg";
  readonly quantizers: "apot" | "dorefa" | "lcq" | "lsq" | "lsq-plus" | "n2uq" | "pact";
  readonly datasets: "cifar10" | "cifar100" | "image-folder" | "imagenet" | "mnist" | "shards" | "synthetic";
  readonly augmentations: "none" | "pad-crop-flip" | "random-resized-crop";
  readonly optimizers: "adam" | "adamw" | "sgd";
  readonly schedules: "constant" | "cosine" | "linear" | "step";
  readonly losses: "cross-entropy" | "distillation" | "mixed";
}
