import { defineModel } from "./model.js";
import { staged } from "./staged.js";
import { smallStem } from "./stems.js";

/** CIFAR's ResNet-20/32/56: three stages of 16, 32, 64 channels; shortcuts are 1×1 convolutions. */
export const cifarResnet = defineModel<"cifar-resnet">({
  name: "cifar-resnet",
  reference: "He et al. 2016, arXiv 1512.03385, section 4.2",
  stem: ({ width }) => smallStem(Math.round(16 * width)),
  build(b, architecture) {
    const stages = [0, 1, 2].map((i) => ({
      block: "basic" as const,
      channels: Math.round(16 * 2 ** i * architecture.width),
      blocks: (architecture.depth - 2) / 6,
      stride: i === 0 ? 1 : 2,
      expansion: 1,
    }));
    staged(b, architecture, stages);
  },
});
