import { N2uqError } from "../errors.js";
import { stream } from "../random.js";
import type { DataSettings, Dataset, DatasetInfo, MemorySplit, SyntheticSettings } from "./types.js";

/** Images that a small network learns in seconds: a smooth pattern for each class, moved and covered with noise. */
export const synthetic: Dataset = {
  name: "synthetic",
  summary: "patterns made on the spot, for tests",
  info: (settings) => infoOf(settingsOf(settings)),
  sizes: (settings) => settingsOf(settings),
  async load(settings) {
    const own = settingsOf(settings);
    return {
      info: infoOf(own),
      train: draw(own, own.trainSize, "train"),
      test: draw(own, own.testSize, "test"),
    };
  },
};

const CONTRAST = 55;
const NOISE = 60;

function settingsOf({ synthetic: own }: DataSettings): SyntheticSettings {
  if (own === undefined)
    throw new N2uqError("N2UQ_INTERNAL", { message: "synthetic data without its settings" });
  return own;
}

function infoOf({ classes, imageSize, channels }: SyntheticSettings): DatasetInfo {
  const each = (value: number) => new Array<number>(channels).fill(value);
  return {
    name: "synthetic",
    classes,
    imageSize,
    channels,
    mean: each(0.5),
    deviation: each(0.2),
  };
}

function draw(
  { classes, imageSize, channels, seed }: SyntheticSettings,
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
