import type { ActivationQuantization } from "../graph/quantizer.js";
import { quantizedConv } from "./blockParts.js";
import { blocks } from "./blocks.js";
import { classifier, stemConv } from "./ends.js";
import { defineModel } from "./model.js";
import { isSmall } from "./stems.js";

/** Expansion, channels, blocks, stride (Sandler et al. 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const LAST_CHANNELS = 1280;

/** MobileNetV2: in the layout of the released N2UQ code (`feature.N`) or of torchvision (`features.N`). */
export const mobilenetV2 = defineModel<"mobilenet-v2">({
  name: "mobilenet-v2",
  reference: "Sandler et al. 2018, arXiv 1801.04381, table 2",
  // Quantized networks have the layout of the released N2UQ code, whatever the method.
  layout: (method) => (method === "none" ? "torchvision" : "n2uq"),
  stem: (_architecture, inputSize) => ({
    kernel: 3,
    stride: isSmall(inputSize) ? 1 : 2,
    channels: 32,
    pool: false,
  }),
  build(b, architecture) {
    const { inputSize, inputChannels, layout, stem, classes, width } = architecture;
    const n2uq = layout === "n2uq";
    const root = n2uq ? "feature" : "features";
    const leaf = (n: number, conv: string, torchvision: string) =>
      `${root}.${n}.${n2uq ? conv : torchvision}`;
    let x = b.input(inputSize[0], inputSize[1], inputChannels);
    x = stemConv(b, leaf(0, "conv1", "0"), x, stem);
    x = b.relu(leaf(0, "relu", "2"), b.batchNorm(leaf(0, "bn1", "1"), x), 6);
    let n = 1;
    for (const [expansion, channels, count, stride] of STAGES) {
      for (let i = 0; i < count; i++) {
        x = blocks[layout]["inverted-residual"](b, `${root}.${n}`, x, {
          channels: divisibleBy8(channels * width),
          stride: i === 0 ? stride : 1,
          expansion,
        });
        n += 1;
      }
    }
    const last = { channels: divisibleBy8(LAST_CHANNELS * Math.max(1, width)), kernel: 1 };
    x = quantizedConv(b, leaf(n, "conv1", "0"), leaf(n, "quan1", "quan1"), x, last, released);
    x = b.relu(leaf(n, "relu", "2"), b.batchNorm(leaf(n, "bn1", "1"), x), 6);
    classifier(b, n2uq ? "fc" : "classifier.1", x, classes);
  },
});

/** The released N2UQ code quantizes the input of the last convolution with a separate PACT quantizer. */
function released(activation: ActivationQuantization): ActivationQuantization {
  const { method, bits } = activation;
  return method === "n2uq" ? { method: "pact", bits, variant: "released" } : activation;
}

/** Rounds a channel count to a multiple of 8, at most a tenth below the count (as in the paper's code). */
function divisibleBy8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
