import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Test } from "tap";
import { test } from "tap";
import { batches } from "../../src/data/batches.js";
import { loadDataset } from "../../src/data/datasets.js";
import { normalizePixels } from "../../src/data/images/normalize.js";
import type { Batch, BatchRequest, LoadedDataset } from "../../src/data/types.js";
import { copyOf, crops, picture, rawImage, settings, writeFiles } from "./images.js";

const [COUNT, SIDE] = [24, 20];

const request: BatchRequest = {
  split: "train",
  batchSize: 6,
  seed: 3,
  epoch: 1,
  shuffle: true,
  imageSize: [SIDE, SIDE],
  inputChannels: 3,
};
const padded = { kind: "pad-crop-flip", padding: 3, horizontalFlip: true } as const;
const jitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4 };

/** The same pixels in memory and as PNG files. */
async function both(t: Test, channels: 1 | 3): Promise<[memory: LoadedDataset, files: LoadedDataset]> {
  const root = t.testdir({ data: {}, cache: {} });
  t.intercept(process, "env", { value: { ...process.env, N2UQ_CACHE: join(root, "cache") } });
  const images = new Uint8Array(COUNT * SIDE * SIDE * channels);
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < COUNT; i++) {
    const rgb = picture(i % 3, i, SIDE, SIDE);
    const own = channels === 3 ? rgb : Buffer.from(rgb.filter((_, at) => at % 3 === 0));
    images.set(own, i * own.length);
    const png = await rawImage(own, SIDE, SIDE, channels).png().toBuffer();
    files[`train/only/${String(i).padStart(3, "0")}.png`] = png;
    files[`val/only/${String(i).padStart(3, "0")}.png`] = png;
  }
  await writeFiles(join(root, "data"), files);
  const found = await loadDataset(settings(join(root, "data")));
  const { info } = found;
  const own = {
    ...info,
    channels,
    imageSize: [SIDE, SIDE] as const,
    ...(channels === 1 && { mean: [0.5], std: [0.2] }),
  };
  const gray = { ...info, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] };
  const split = { kind: "memory", length: COUNT, images, labels: new Uint8Array(COUNT) } as const;
  return [{ info: own, train: split, test: split }, channels === 1 ? { ...found, info: gray } : found];
}

/** What of a walk must be the same, in short. */
function gist(all: readonly Batch[]): string[] {
  const sha = (values: Batch["images"]) =>
    createHash("sha256")
      .update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
      .digest("hex");
  return all.map(({ images, numbers }) => `${numbers} ${images.length} ${sha(images)}`);
}

async function walk(data: LoadedDataset, changes: Partial<BatchRequest>): Promise<Batch[]> {
  const all = [];
  for await (const batch of batches(data, { ...request, ...changes })) all.push(copyOf(batch));
  return all;
}

for (const channels of [1, 3] as const)
  test(`images of ${channels} channels are varied to the same bits in memory and in files`, async (t) => {
    const [memory, files] = await both(t, channels);
    const colorJitter = channels === 3 ? jitter : { ...jitter, saturation: 0 };
    const cases: Record<string, Partial<BatchRequest>> = {
      none: {},
      "pad-crop-flip": { augmentation: padded },
      "random-resized-crop": { augmentation: { ...crops, colorJitter } },
      "none, a short side": { shortSide: 25 },
      "smaller, a short side": { shortSide: 17, imageSize: [13, 13] },
      "pad-crop-flip, a short side": { augmentation: padded, shortSide: 30 },
      "random-resized-crop, larger": { augmentation: crops, imageSize: [31, 31] },
      "validation, a short side": { split: "test", shuffle: false, shortSide: 28 },
    };
    const seen = new Set<string>();
    for (const [name, changes] of Object.entries(cases)) {
      const found = gist(await walk(memory, changes));
      t.strictSame(found, gist(await walk(files, changes)), name);
      t.strictSame(found, gist(await walk(memory, changes)), `${name}, again`);
      const first = found[0]!;
      t.notOk(seen.has(first), `${name} differs from the others`);
      seen.add(first);
    }
  });

test("every option of an augmentation changes the batches, in memory and in files", async (t) => {
  for (const data of await both(t, 3)) {
    const kind = data.train.kind;
    const walked = async (changes: Partial<BatchRequest>) => gist(await walk(data, changes))[0]!;
    const plain = await walked({});
    const padding = await walked({ augmentation: padded });
    t.not(padding, plain, `${kind}: pad-crop-flip`);
    t.not(await walked({ augmentation: { ...padded, padding: 2 } }), padding, `${kind}: padding`);
    t.not(await walked({ augmentation: { ...padded, horizontalFlip: false } }), padding, `${kind}: mirrors`);
    const cropped = await walked({ augmentation: crops });
    t.not(cropped, plain, `${kind}: random-resized-crop`);
    for (const change of [
      { scale: [0.5, 1] },
      { ratio: [1, 1] },
      { horizontalFlip: false },
      { colorJitter: { ...crops.colorJitter, brightness: 0.4 } },
      { colorJitter: { ...crops.colorJitter, contrast: 0.4 } },
      { colorJitter: { ...crops.colorJitter, saturation: 0.4 } },
    ] as const)
      t.not(
        await walked({ augmentation: { ...crops, ...change } }),
        cropped,
        `${kind}: ${JSON.stringify(change)}`,
      );
    t.not(await walked({ augmentation: crops, epoch: 2 }), cropped, `${kind}: epoch`);
    t.not(await walked({ augmentation: crops, seed: 4 }), cropped, `${kind}: seed`);
  }
});

test("saturation does not change gray images", async (t) => {
  const [memory] = await both(t, 1);
  const only = (saturation: number) =>
    walk(memory, { augmentation: { ...crops, colorJitter: { brightness: 0, contrast: 0, saturation } } });
  t.strictSame(gist(await only(0.9)), gist(await only(0)));
});

test("images in memory that are augmented are the same whether a thread assembles them or not", async (t) => {
  const synthetic = {
    classes: 3,
    imageSize: [12, 12],
    channels: 2,
    trainSize: 80,
    testSize: 3,
    seed: 1,
  } as const;
  const data = await loadDataset({ dataset: "synthetic", trainLimit: null, testLimit: null, synthetic });
  const own = {
    batchSize: 4,
    inputChannels: 2,
    imageSize: [14, 10],
    augmentation: { ...crops, colorJitter: jitter },
  } as const;
  const ahead = await walk(data, own);
  t.equal(ahead.length, 20);
  t.strictSame(gist(await walk(data, { ...own, firstBatch: 15 })), gist(ahead.slice(15)));
  t.ok(ahead.every(({ images }) => images.length === 4 * 14 * 10 * 2 && images.every(Number.isFinite)));
});

test("pixels and their table give the normalized images bit for bit, in memory and from files", async (t) => {
  const requests: Partial<BatchRequest>[] = [
    {},
    { augmentation: padded },
    { augmentation: crops },
    { augmentation: { ...crops, colorJitter: jitter } },
    { shortSide: SIDE + 4 },
    { split: "test", shuffle: false },
  ];
  for (const channels of [1, 3] as const) {
    for (const dataset of await both(t, channels)) {
      for (const own of requests) {
        const [plain, pixels]: [Batch[], Batch[]] = [[], []];
        const copied = (batch: Batch) => ({ ...batch, images: batch.images.slice() });
        for await (const batch of batches(dataset, { ...request, ...own })) plain.push(copied(batch));
        for await (const batch of batches(dataset, { ...request, ...own, asPixels: true })) {
          t.ok(batch.images instanceof Uint8Array);
          pixels.push({
            ...copied(batch),
            images: normalizePixels(batch.images as Uint8Array, batch.values!),
          });
        }
        t.equal(plain.length, COUNT / 6);
        t.same(gist(pixels), gist(plain), JSON.stringify([channels, dataset.train.kind, own]));
      }
    }
  }
});

test("images in memory that are resized without a crop stay normalized", async (t) => {
  const [memory] = await both(t, 3);
  const small: BatchRequest = { ...request, imageSize: [SIDE / 2, SIDE / 2] };
  const [plain, asked]: [Batch[], Batch[]] = [[], []];
  for await (const batch of batches(memory, small)) plain.push(batch);
  for await (const batch of batches(memory, { ...small, asPixels: true })) asked.push(batch);
  t.ok(asked.every(({ images, values }) => images instanceof Float32Array && values === undefined));
  t.same(gist(asked), gist(plain));
});
