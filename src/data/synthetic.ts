import { stream } from "../random.js";
import type { ResolvedSynthetic } from "../schema/generated/resolved.js";
import { type DatasetInfo, defineDataset, type MemorySplit } from "./types.js";

/** Images that a small network learns in seconds: one smooth pattern per class, shifted and with noise. */
export const synthetic = defineDataset({
  name: "synthetic",
  summary: "generated patterns, for tests",
  storage: "memory",
  identity: "name",
  isPublished: false,
  info: ({ synthetic }) => infoOf(synthetic),
  sizes: ({ synthetic }) => synthetic,
  async load({ synthetic: own }) {
    return {
      info: infoOf(own),
      train: draw(own, own.trainSize, "train"),
      test: draw(own, own.testSize, "test"),
    };
  },
});

const CONTRAST = 55;
const NOISE = 60;

function infoOf({ classes, imageSize, channels }: ResolvedSynthetic): DatasetInfo {
  const each = (value: number) => new Array<number>(channels).fill(value);
  return { name: "synthetic", classes, imageSize, channels, mean: each(0.5), std: each(0.2) };
}

function draw(
  { classes, imageSize, channels, seed }: ResolvedSynthetic,
  length: number,
  name: string,
): MemorySplit {
  const [height, width] = imageSize;
  const next = stream(seed, `synthetic/${name}`);
  const waves = Array.from({ length: classes }, (_, c) => {
    const pattern = stream(seed, `synthetic/class ${c}`);
    return Array.from(
      { length: channels },
      () => [1 + 3 * pattern(), 1 + 3 * pattern(), 6.28 * pattern()] as const,
    );
  });
  const labels = Uint8Array.from({ length }, (_, i) => i % classes);
  const images = new Uint8Array(new SharedArrayBuffer(length * height * width * channels));
  let at = 0;
  for (const label of labels) {
    const shift = 0.6 * next();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (const [fy, fx, phase] of waves[label] ?? []) {
          const angle = (fy * y * 6.28) / height + (fx * x * 6.28) / width + phase + shift;
          const value = 128 + CONTRAST * Math.sin(angle) + NOISE * (next() - 0.5);
          images[at++] = Math.max(0, Math.min(255, Math.round(value)));
        }
      }
    }
  }
  return { kind: "memory", length, images, labels };
}
