import t from "tap";
import { variationOf } from "../../src/data/augmentations/augmentations.js";
import type { Augmentation } from "../../src/data/types.js";

const padded = { kind: "pad-crop-flip", padding: 2, horizontalFlip: true } as const;
const cropped: Augmentation = {
  ...{ kind: "random-resized-crop", scale: [0.5, 1], ratio: [1, 1], horizontalFlip: true },
  colorJitter: { brightness: 0, contrast: 0, saturation: 0 },
} as Augmentation;
const size = { width: 8, height: 8 };
const COUNT = 4000;

/** The windows of so many images. */
const windows = (augmentation: Augmentation) =>
  Array.from({ length: COUNT }, (_, number) => {
    const request = { split: "train", batchSize: 4, shuffle: true, dropLast: true } as const;
    const variation = variationOf({ ...request, augmentation, seed: 1, epoch: 0 } as never, size, number);
    variation.view(size);
    return variation.changes().window;
  });
/** A count of draws of this probability is within five standard deviations of its mean. */
const isNear = (count: number, probability: number) =>
  Math.abs(count - COUNT * probability) < 5 * Math.sqrt(COUNT * probability * (1 - probability));

for (const augmentation of [padded, cropped]) {
  t.test(`${augmentation.kind}: every second image is mirrored, none where none is to be`, async (t) => {
    const mirrored = windows(augmentation).filter((window) => window.mirrored).length;
    t.ok(isNear(mirrored, 0.5), `${mirrored} of ${COUNT}`);
    t.notOk(windows({ ...augmentation, horizontalFlip: false }).some((window) => window.mirrored));
  });
}

t.test("padded images are cut out at every place alike", async (t) => {
  const places = new Map<string, number>();
  for (const { top, left } of windows(padded)) {
    const place = `${top} ${left}`;
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  t.equal(places.size, 25);
  for (const top of [-2, -1, 0, 1, 2]) {
    for (const left of [-2, -1, 0, 1, 2]) {
      const count = places.get(`${top} ${left}`) ?? 0;
      t.ok(isNear(count, 1 / 25), `${top} ${left}: ${count}`);
    }
  }
});
