import type { GraphBuilder } from "../graph/builder.js";
import type { ResolvedArchitecture, ResolvedStage } from "../resolve/types.js";
import { blocks } from "./blocks.js";
import { classifier, stemConv } from "./ends.js";

type Family<Name> = Extract<ResolvedArchitecture, { family: Name }>;

const IMAGENET_STAGES = {
  18: { block: "basic", blocks: [2, 2, 2, 2] },
  34: { block: "basic", blocks: [3, 4, 6, 3] },
  50: { block: "bottleneck", blocks: [3, 4, 6, 3] },
  101: { block: "bottleneck", blocks: [3, 4, 23, 3] },
} as const;

/** ResNet-18/34/50/101 (He et al. 2016): four stages of 64, 128, 256, 512 channels. */
export function resnet(b: GraphBuilder, architecture: Family<"resnet">): void {
  const { block, blocks: counts } = IMAGENET_STAGES[architecture.depth];
  const stages = counts.map((count, i) => ({
    block,
    channels: Math.round(64 * 2 ** i * architecture.width),
    blocks: count,
    stride: i === 0 ? 1 : 2,
    expansion: 1,
  }));
  staged(b, architecture, stages);
}

/** CIFAR ResNet-20/32/56 (He et al. 2016, section 4.2): three stages of 16, 32, 64 channels; shortcuts are 1×1 convolutions. */
export function cifarResnet(b: GraphBuilder, architecture: Family<"cifar-resnet">): void {
  const stages = [0, 1, 2].map((i) => ({
    block: "basic" as const,
    channels: Math.round(16 * 2 ** i * architecture.width),
    blocks: (architecture.depth - 2) / 6,
    stride: i === 0 ? 1 : 2,
    expansion: 1,
  }));
  staged(b, architecture, stages);
}

/** A network of the stages that the experiment lists. */
export function declaredStages(b: GraphBuilder, architecture: Family<"stages">): void {
  staged(b, architecture, architecture.stages);
}

function staged(b: GraphBuilder, architecture: ResolvedArchitecture, stages: readonly ResolvedStage[]): void {
  const { inputSize, inputChannels, stem, layout, classes } = architecture;
  let x = b.input(inputSize[0], inputSize[1], inputChannels);
  x = stemConv(b, "conv1", x, stem);
  x = b.relu("relu", b.batchNorm("bn1", x));
  if (stem.pool) x = b.maxPool("maxpool", x, 3, 2, 1);
  stages.forEach(({ block, blocks: count, channels, stride, expansion }, stage) => {
    for (let i = 0; i < count; i++) {
      const options = { channels, stride: i === 0 ? stride : 1, expansion };
      x = blocks[layout][block](b, `layer${stage + 1}.${i}`, x, options);
    }
  });
  classifier(b, "fc", x, classes);
}
