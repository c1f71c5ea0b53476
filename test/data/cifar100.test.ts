import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { batches } from "../../src/data/batches.js";
import { datasetInfo, datasetSizes, listDatasets, loadDataset } from "../../src/data/datasets.js";
import { fingerprintOf } from "../../src/data/fingerprint.js";
import { stream } from "../../src/random.js";
import { withDefaults } from "../../src/schema/defaults.js";
import { failure } from "../helpers/failure.js";

const RECORD = 3074;

/** Images in the layout of cifar-100-binary: coarse label, fine label, then red, green and blue as planes. */
function records(count: number, seed: number): Buffer {
  const next = stream(seed, "cifar100");
  const bytes = Buffer.from(Array.from({ length: count * RECORD }, () => Math.floor(next() * 256)));
  for (let i = 0; i < count; i++) {
    bytes[i * RECORD] = i % 20;
    bytes[i * RECORD + 1] = (i * 7) % 100;
  }
  return bytes;
}

const settings = (root?: string) => withDefaults("data", { dataset: "cifar100", ...(root && { root }) });

test("CIFAR-100 is read from its binary files: fine labels, planes become pixels", async (t) => {
  const root = t.testdir();
  const [train, held] = [records(12, 1), records(5, 2)];
  writeFileSync(join(root, "train.bin"), train);
  writeFileSync(join(root, "test.bin"), held);
  const data = settings(root);
  t.same(await datasetSizes(data), { trainSize: 12, testSize: 5 });
  const loaded = await loadDataset(data);
  t.same(
    [...loaded.train.labels],
    Array.from({ length: 12 }, (_, i) => (i * 7) % 100),
  );
  t.equal(loaded.info.classes, 100);
  const request = { split: "test", batchSize: 5, seed: 0, epoch: 0, shuffle: false } as const;
  for await (const { images } of batches(loaded, request)) {
    for (const [image, y, x, channel] of [
      [0, 0, 0, 0],
      [4, 31, 31, 2],
      [2, 5, 17, 1],
    ] as const) {
      const byte = held[image * RECORD + 2 + channel * 1024 + y * 32 + x]!;
      const wanted = (byte / 255 - loaded.info.mean[channel]!) / loaded.info.std[channel]!;
      const found = images[((image * 32 + y) * 32 + x) * 3 + channel]!;
      t.ok(Math.abs(found - wanted) < 1e-5, `image ${image}, pixel ${y}, ${x}, channel ${channel}`);
    }
  }
  const before = (await fingerprintOf(data))?.digest;
  t.match(before, /^[0-9a-f]{64}$/, "its content identifies it");
  held[RECORD - 1]! ^= 1;
  writeFileSync(join(root, "test.bin"), held);
  t.not((await fingerprintOf(data))?.digest, before, "one pixel more or less is another data set");
});

test("CIFAR-100 can be planned without its files, and damaged files are errors", async (t) => {
  t.same(await datasetSizes(settings()), { trainSize: 50000, testSize: 10000 });
  t.equal((await datasetInfo(settings())).channels, 3);
  t.match(await failure(loadDataset(settings())), { code: "N2UQ_DATA_NO_ROOT" });
  const root = t.testdir();
  t.match(await failure(loadDataset(settings(root))), {
    code: "N2UQ_DATA_FOLDER",
    message: /train\.bin is missing/,
  });
  writeFileSync(join(root, "train.bin"), records(3, 1).subarray(0, 5000));
  t.match(await failure(loadDataset(settings(root))), { message: /5000 bytes/ });
  const strange = records(3, 1);
  strange[RECORD + 1] = 100;
  writeFileSync(join(root, "train.bin"), strange);
  t.match(await failure(loadDataset(settings(root))), { message: /image 1 of train\.bin has the label 100/ });
  t.ok((await listDatasets()).some(({ name }) => name === "cifar100"));
});
