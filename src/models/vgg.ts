import { quantizedConv } from "./blockParts.js";
import { linearClassifier, stemConv } from "./ends.js";
import { defineModel } from "./model.js";
import { smallStem } from "./stems.js";

/** Channels of each pair of convolutions; a 2×2 max-pool follows each pair. */
const STAGES = [128, 256, 512];

/**
 * VGG-small: three pairs of 3×3 convolutions with 128, 256 and 512 channels, then a linear layer on the
 * flattened features.
 */
export const vgg = defineModel<"vgg">({
  name: "vgg",
  reference: "Simonyan & Zisserman 2015, arXiv 1409.1556; small as in Zhang et al. 2018, arXiv 1807.10029",
  layout: () => "torchvision",
  stem: ({ width }) => smallStem(Math.round(128 * width)),
  build(b, { inputSize, inputChannels, stem, classes, width }) {
    let x = b.input(inputSize[0], inputSize[1], inputChannels);
    STAGES.forEach((count, stage) => {
      const channels = Math.round(count * width);
      for (const i of [0, 1]) {
        const id = `features.${2 * stage + i}`;
        const conv = `${id}.conv`;
        const isStem = stage === 0 && i === 0;
        x = isStem
          ? stemConv(b, conv, x, stem)
          : quantizedConv(b, conv, `${id}.quan`, x, { channels, kernel: 3 });
        x = b.relu(`${id}.relu`, b.batchNorm(`${id}.bn`, x));
        if (isStem && stem.pool) x = b.maxPool("maxpool", x, 3, 2, 1);
      }
      x = b.maxPool(`pool${stage + 1}`, x, 2, 2, 0);
    });
    linearClassifier(b, "classifier", b.flatten("flatten", x), classes);
  },
});
