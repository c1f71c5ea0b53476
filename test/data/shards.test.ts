import { mkdir, rm, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { test } from "tap";
import { create } from "tar";
import { datasetInfo, loadDataset } from "../../src/data/datasets.js";
import { expandBraces } from "../../src/data/images/braces.js";
import { imagePath } from "../../src/data/images/walk.js";
import type { DataOf } from "../../src/data/types.js";
import { N2uqError } from "../../src/errors.js";
import { withDefaults } from "../../src/schema/defaults.js";
import type { ResolvedData } from "../../src/schema/generated/resolved.js";
import { badFiles, jpegs, settings, training, validation, walk, writeFiles } from "./images.js";

const LONG = `${"a-long-folder-name/".repeat(8)}sample`;

/** The same images as a folder and as three shards. */
async function both(t: Test): Promise<{ root: string; shards: DataOf<"shards"> }> {
  const root = t.testdir({ folder: {}, tar: {}, cache: {} });
  t.intercept(process, "env", { value: { ...process.env, N2UQ_CACHE: join(root, "cache") } });
  const images = { ...(await jpegs("train", 36)), ...(await jpegs("val", 12)) };
  await writeFiles(join(root, "folder"), images);
  const all = Object.entries(images);
  for (const [shard, split] of [
    ["train-00", "train"],
    ["train-01", "train"],
    ["val", "val"],
  ] as const) {
    const own = all.filter(([path]) => path.startsWith(split)).sort(([a], [b]) => (a < b ? -1 : 1));
    const part = shard === "train-00" ? own.slice(0, 20) : shard === "train-01" ? own.slice(20) : own;
    const members: Record<string, Buffer> = {};
    part.forEach(([path, bytes], i) => {
      const key = `${i % 5 === 0 ? LONG : "s"}${String(i).padStart(4, "0")}`;
      const label = /class(\d)/.exec(path)![1]!;
      members[`${key}.jpg`] = bytes;
      if (i % 2 === 0) members[`${key}.cls`] = Buffer.from(`${label}\n`);
      else members[`${key}.json`] = Buffer.from(JSON.stringify({ label: Number(label), width: 3 }));
      members[`${key}.txt`] = Buffer.from("a caption");
    });
    await mkdir(join(root, "tar", shard));
    await writeFiles(join(root, "tar", shard), members);
    const names = Object.keys(members).sort();
    await create(
      { file: join(root, "tar", `${shard}.tar`), cwd: join(root, "tar", shard), portable: true },
      names,
    );
  }
  const own = { train: "train-{00..01}.tar", test: "val.tar" };
  const shards = withDefaults("data", { dataset: "shards", root: join(root, "tar"), shards: own });
  return { root, shards: shards as DataOf<"shards"> };
}

async function code(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof N2uqError ? `${error.code} ${error.message}` : String(error);
}

test("braces stand for numbers and words", (t) => {
  t.same(expandBraces("a-{08..11}.tar"), ["a-08.tar", "a-09.tar", "a-10.tar", "a-11.tar"]);
  t.same(expandBraces("{x,y}/{0..1}"), ["x/0", "x/1", "y/0", "y/1"]);
  t.same(expandBraces("plain.tar"), ["plain.tar"]);
  t.end();
});

test("shards give the images and labels of the folder that they were made from, and walk the same on any threads", async (t) => {
  const { root, shards } = await both(t);
  t.equal((await datasetInfo(shards)).classes, 4, "the largest label and one");
  const [folder, tar] = [await loadDataset(settings(join(root, "folder"))), await loadDataset(shards)];
  t.same([tar.train.length, tar.test.length], [36, 12]);
  const pixels = async (data: ResolvedData) => {
    const all = await walk(data, validation);
    return all
      .map(({ images, labels }) => `${labels} ${Array.from(images).reduce((sum, value) => sum + value, 0)}`)
      .sort();
  };
  t.same([...tar.test.labels].sort(), [...folder.test.labels].sort());
  const byLabel = (await walk(shards, { ...validation, batchSize: 1 })).map(
    ({ labels, images }) => `${labels} ${images.slice(0, 50)}`,
  );
  const wanted = (await walk(settings(join(root, "folder")), { ...validation, batchSize: 1 })).map(
    ({ labels, images }) => `${labels} ${images.slice(0, 50)}`,
  );
  t.same(byLabel.sort(), wanted.sort());
  t.ok(await pixels(shards));
  const one = await walk({ ...shards, decodeThreads: 1 }, training);
  t.strictSame(await walk({ ...shards, decodeThreads: 4 }, training), one);
  t.strictSame(await walk(shards, { ...training, firstBatch: 2 }), one.slice(2));
  t.match(imagePath(tar.train, "train", 0), /train-00\.tar\/.*\.jpg$/);
});

test("mistakes in shards are errors", async (t) => {
  const { root, shards } = await both(t);
  const tar = join(root, "tar");
  t.match(
    await code(loadDataset({ ...shards, shards: { test: "val.tar", classes: 2 } })),
    /N2UQ_DATA_LABEL .*val\.tar has the label [23]; there are 2 classes/,
  );
  t.match(
    await code(loadDataset({ ...shards, shards: { test: "val-{0..2}.tar" } })),
    /N2UQ_DATA_NO_SHARDS .*val-0\.tar/,
  );
  t.match(await code(loadDataset({ ...shards, shards: { train: "train-00.tar" } })), /N2UQ_DATA_NO_SHARDS/);
  const alone = await loadDataset({ ...shards, shards: { test: "val.tar" } });
  t.same([alone.train.length, alone.info.classes], [0, 4], "an evaluation needs no training shards");
  await truncate(join(tar, "val.tar"), 3000);
  t.match(
    await code(loadDataset(shards)),
    /N2UQ_DATA_SHARD .*val\.tar is not an intact tar file/,
    "a change is noticed",
  );
  const members: Record<string, Buffer> = {
    "x.jpg": Buffer.from("x"),
    "y.cls": Buffer.from("1"),
    "z.jpg": (await badFiles())["cut-off.jpg"]![0],
    "z.cls": Buffer.from("1"),
  };
  await rm(join(tar, "val"), { recursive: true });
  await writeFiles(join(tar, "val"), members);
  await create({ file: join(tar, "val.tar"), cwd: join(tar, "val") }, Object.keys(members));
  await utimes(join(tar, "val.tar"), new Date(), new Date());
  const warnings: string[] = [];
  const told: string[] = [];
  const onUnreadable = ({ path }: { path: string }) => told.push(path);
  t.same(
    await walk(shards, { ...validation, onUnreadable }, { onWarning: (text) => warnings.push(text) }),
    [],
  );
  t.match(
    warnings.join(),
    /val\.tar had 12 samples when it was last read; now 1 .*val\.tar: 2 samples are skipped: the sample x has no label/,
  );
  t.match(told.join(), /val\.tar\/z\.jpg/);
});
