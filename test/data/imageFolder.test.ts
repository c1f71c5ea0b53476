import { createHash } from "node:crypto";
import { mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { test } from "tap";
import { batchCount, batches } from "../../src/data/batches.js";
import { datasetInfo, datasetSizes, loadDataset } from "../../src/data/datasets.js";
import { imagePath } from "../../src/data/images/walk.js";
import type { Batch, UnreadableImage } from "../../src/data/types.js";
import { N2uqError } from "../../src/errors.js";
import { withDefaults } from "../../src/schema/defaults.js";
import {
  badFiles,
  copyOf,
  jpegs,
  oddFiles,
  settings,
  training,
  validation,
  walk,
  writeFiles,
} from "./images.js";

async function folder(t: Test, counts: readonly [number, number] = [40, 20]): Promise<string> {
  const root = t.testdir({ data: {}, cache: {} });
  t.intercept(process, "env", { value: { ...process.env, N2UQ_CACHE: join(root, "cache") } });
  await writeFiles(join(root, "data"), {
    ...(await jpegs("train", counts[0])),
    ...(await jpegs("val", counts[1])),
  });
  return join(root, "data");
}

async function code(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof N2uqError ? `${error.code} ${error.message} ${error.hint ?? ""}` : String(error);
}

type Data = ReturnType<typeof settings>;

/** A batch with the digest of its pixels, because comparing many values one by one takes seconds. */
function digested({ images, ...rest }: Batch): unknown {
  const bytes = Buffer.from(images.buffer, images.byteOffset, images.byteLength);
  return { ...rest, images: createHash("sha1").update(bytes).digest("hex") };
}

test("classes, labels, paths and order are those of torchvision's ImageFolder", async (t) => {
  const root = await folder(t);
  await writeFiles(root, {
    "train/class0/b/2.jpg": Buffer.from("x"),
    "train/class0/b/10.jpg": Buffer.from("x"),
    "train/class0/b-c/1.PNG": Buffer.from("x"),
    "train/class0/.hidden.jpg": Buffer.from("x"),
    "train/class0/notes.txt": Buffer.from("x"),
    "train/.git/1.jpg": Buffer.from("x"),
  });
  await symlink(join(root, "val", "class1"), join(root, "train", "class1", "linked"));
  await symlink("..", join(root, "train", "class2", "loop"));
  t.match(await datasetInfo(settings(root)), {
    classes: 4,
    classNames: ["class0", "class1", "class2", "class3"],
  });
  const warnings: string[] = [];
  const data = await loadDataset(settings(root), { onWarning: (text) => warnings.push(text) });
  t.match(warnings.join("\n"), /1 files are skipped/);
  const paths = Array.from({ length: data.train.length }, (_, i) =>
    imagePath(data.train, "train", i).replace(`${root}/train/`, ""),
  );
  t.same(paths.slice(9, 14), [
    "class0/0036.jpg",
    "class0/b/10.jpg",
    "class0/b/2.jpg",
    "class0/b-c/1.PNG",
    "class1/0001.jpg",
  ]);
  t.equal(paths.filter((path) => path.startsWith("class1/linked/")).length, 5);
  t.notOk(paths.some((path) => path.includes("hidden") || path.includes(".git")));
  t.notOk(
    paths.some((path) => path.includes("loop/loop/loop")),
    "a circle of links ends",
  );
  paths.forEach((path, i) => {
    if (`class${data.train.labels[i]}` !== path.split("/")[0])
      t.fail(`${path} has label ${data.train.labels[i]}`);
  });
});

test("mistakes in an image folder are errors", async (t) => {
  const root = await folder(t, [8, 8]);
  t.match(
    await code(loadDataset({ ...settings(root), dataset: "image-folder", root: join(root, "gone") })),
    /N2UQ_DATA_NO_SPLIT.*does not exist/,
  );
  t.match(await code(loadDataset(withDefaults("data", { dataset: "image-folder" }))), /N2UQ_DATA_NO_ROOT/);
  await mkdir(join(root, "val", "strange"));
  await writeFile(join(root, "val", "strange", "1.jpg"), "x");
  t.match(await code(loadDataset(settings(root))), /N2UQ_DATA_STRANGE_CLASS.*strange/);
  await rename(join(root, "val"), join(root, "test"));
  t.match(await code(loadDataset(settings(root))), /N2UQ_DATA_NO_SPLIT.*contains: test, train/);
  await rm(join(root, "train"), { recursive: true });
  const alone = settings(root, { splits: { train: "train", test: "test" } });
  t.equal((await loadDataset(alone)).info.classes, 5, "an evaluation needs no training images");
  await mkdir(join(root, "val"));
  t.match(await code(loadDataset(settings(root))), /N2UQ_DATA_NO_CLASSES/);
  await mkdir(join(root, "val", "a"));
  t.match(await code(loadDataset(settings(root))), /N2UQ_DATA_NO_IMAGES/);
});

test("the index is kept, and notices what changes", async (t) => {
  const root = await folder(t, [40, 8]);
  const before = new Date(Date.now() - 60_000);
  for (const name of ["", "class0", "class1", "class2", "class3"])
    await utimes(join(root, "train", name), before, before);
  t.equal((await datasetSizes(settings(root))).trainSize, 40);
  await rm(join(root, "train", "class1", "0001.jpg"));
  await utimes(join(root, "train", "class1"), before, before);
  t.equal(
    (await datasetSizes(settings(root))).trainSize,
    40,
    "a folder of the same date is not listed again",
  );
  await utimes(join(root, "train", "class1"), new Date(), new Date());
  t.equal((await datasetSizes(settings(root))).trainSize, 39, "a file that went");
  await writeFiles(root, await jpegs("train", 2, 1));
  await writeFiles(root, { "train/class3/deep/er/1.jpg": Buffer.from("x") });
  t.equal((await datasetSizes(settings(root))).trainSize, 41, "one more in class0, and one far below class3");
  await rename(join(root, "train", "class0"), join(root, "train", "class00"));
  const data = await loadDataset({ ...settings(root), splits: { train: "train", test: "train" } });
  t.equal(data.train.length, 41);
  t.match(imagePath(data.train, "train", 0), "class00/0000.jpg");
});

test("a limit takes the first of each class in turn", async (t) => {
  const root = await folder(t);
  const { train, test: held } = await loadDataset(settings(root, { trainLimit: 10, testLimit: 4 }));
  t.same([...train.labels], [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]);
  t.same([...held.labels], [0, 1, 2, 3]);
  t.match(imagePath(train, "train", 3), /train\/class1\/0001\.jpg$/);
});

test("one decoding thread and several give the same bits, and so does a walk that begins in the middle", async (t) => {
  const root = await folder(t, [60, 30]);
  await writeFiles(join(root, "train", "class1"), await oddFiles());
  await writeFiles(join(root, "val", "class1"), await oddFiles());
  const [one, two, four] = [1, 2, 4].map((decodeThreads) => settings(root, { decodeThreads })) as [
    Data,
    Data,
    Data,
  ];
  const colors = {
    ...training,
    augmentation: {
      ...training.augmentation,
      colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4 },
    },
  } as typeof training;
  const firsts: number[][] = [];
  for (const [request, several] of [
    [training, four],
    [colors, two],
    [validation, two],
  ] as const) {
    const [alone, together] = [await walk(one, request), await walk(several, request)];
    t.equal(alone.length, batchCount(await loadDataset(one), request));
    t.strictSame(together.map(digested), alone.map(digested));
    const rest = await walk(several, { ...request, firstBatch: 3 });
    t.strictSame(rest.map(digested), alone.slice(3).map(digested));
    t.ok(alone.every(({ images }) => images.every((value) => Number.isFinite(value))));
    firsts.push([...alone[0]!.numbers]);
  }
  const [next] = await walk(one, { ...training, epoch: 1 });
  const [other] = await walk(one, { ...training, seed: 4 });
  t.notSame(firsts[0], [...next!.numbers], "epochs differ");
  t.notSame(firsts[0], [...other!.numbers], "seeds differ");
});

test("unreadable images are named once, replaced in training and skipped in validation", async (t) => {
  const root = await folder(t, [40, 24]);
  const bad = await badFiles();
  const names = Object.keys(bad);
  const contents = Object.fromEntries(Object.entries(bad).map(([name, [content]]) => [name, content]));
  await writeFiles(join(root, "train", "class2"), contents);
  await writeFiles(join(root, "val", "class2"), contents);
  await symlink("/nowhere", join(root, "val", "class2", "broken-link.jpg"));
  const data = await loadDataset(settings(root));
  const told: UnreadableImage[] = [];
  const onUnreadable = (image: UnreadableImage) => told.push(image);
  const kept = [];
  for (const epoch of [0, 1])
    for await (const batch of batches(data, { ...training, epoch, onUnreadable })) kept.push(copyOf(batch));
  t.equal(kept.length, 2 * Math.floor((40 + names.length) / 8));
  t.ok(
    kept.every(({ count }) => count === 8),
    "batches keep their size",
  );
  t.same(told.map(({ path }) => path.split("/").at(-1)).sort(), [...names].sort(), "each is named once");
  for (const { path, reason } of told) t.match(reason, bad[path.split("/").at(-1)!]![1], path);
  const number = Array.from({ length: data.train.length }, (_, i) =>
    imagePath(data.train, "train", i),
  ).findIndex((path) => path.endsWith("cut-off.jpg"));
  const places = kept.flatMap(({ numbers }) => [...numbers]);
  t.notOk(places.includes(number));
  const again = await walk(settings(root, { decodeThreads: 1 }), { ...training, epoch: 1 });
  t.strictSame(again.map(digested), kept.slice(kept.length / 2).map(digested), "and the same again");

  told.length = 0;
  const seen = [];
  for await (const batch of batches(data, { ...validation, onUnreadable })) seen.push(...batch.numbers);
  t.equal(told.length, names.length + 1);
  t.equal(seen.length, 24);
  t.notOk(seen.some((one) => /cut-off|empty|text|huge|broken/.test(imagePath(data.test, "test", one))));

  const strict = await code(walk(settings(root, { maxUnreadable: 3 }), validation));
  t.match(
    strict,
    /N2UQ_DATA_UNREADABLE .* of the 32 validation images can't be read; at most 3 .*cut-off\.jpg/,
  );
});
