import { defineModel } from "./model.js";
import { staged } from "./staged.js";
import { isSmall, smallStem } from "./stems.js";

const STAGES = {
  18: { block: "basic", blocks: [2, 2, 2, 2] },
  34: { block: "basic", blocks: [3, 4, 6, 3] },
  50: { block: "bottleneck", blocks: [3, 4, 6, 3] },
  101: { block: "bottleneck", blocks: [3, 4, 23, 3] },
} as const;

/** ImageNet's ResNet-18/34/50/101: four stages of 64, 128, 256, 512 channels. */
export const resnet = defineModel<"resnet">({
  name: "resnet",
  reference: "He et al. 2016, arXiv 1512.03385, table 1",
  stem({ width = 1 }, inputSize) {
    const channels = Math.round(64 * width);
    return isSmall(inputSize) ? smallStem(channels) : { kernel: 7, stride: 2, channels, pool: true };
  },
  build(b, architecture) {
    const { block, blocks: counts } = STAGES[architecture.depth];
    const stages = counts.map((count, i) => ({
      block,
      channels: Math.round(64 * 2 ** i * architecture.width),
      blocks: count,
      stride: i === 0 ? 1 : 2,
      expansion: 1,
    }));
    staged(b, architecture, stages);
  },
});
