import type { GraphBuilder } from "../graph/builder.js";
import type { ResolvedArchitecture, ResolvedStage } from "../resolve/types.js";
import { blocks } from "./blocks.js";
import { classifier, stemConv } from "./ends.js";

/** A residual network: stem, stages of blocks, average pooling and the classifier. */
export function staged(
  b: GraphBuilder,
  architecture: ResolvedArchitecture,
  stages: readonly ResolvedStage[],
): void {
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
