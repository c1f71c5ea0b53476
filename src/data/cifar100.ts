import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { N2uqError } from "../errors.js";
import { type DataOf, type DatasetInfo, defineDataset, type MemorySplit } from "./types.js";

const info: DatasetInfo = {
  name: "cifar100",
  classes: 100,
  imageSize: [32, 32],
  channels: 3,
  mean: [0.5071, 0.4865, 0.4409],
  std: [0.2673, 0.2564, 0.2762],
};

const FILES = { train: "train.bin", test: "test.bin" } as const;
/** Bytes of a channel, and of a record: coarse label, fine label, then one channel after the other. */
const PLANE = 32 * 32;
const RECORD = 2 + 3 * PLANE;

/** CIFAR-100 (Krizhevsky 2009): small photographs of a hundred classes, with fine labels. */
export const cifar100 = defineDataset<"cifar100">({
  name: "cifar100",
  summary: "small photographs of 100 classes, RGB 32×32, from your files",
  storage: "memory",
  identity: "content",
  isPublished: true,
  info: () => info,
  async sizes(settings) {
    if (settings.root === undefined) return { trainSize: 50000, testSize: 10000 };
    return { trainSize: await countIn(settings, "train"), testSize: await countIn(settings, "test") };
  },
  async load(settings) {
    return { info, train: await splitOf(settings, "train"), test: await splitOf(settings, "test") };
  },
});

type Settings = DataOf<"cifar100">;

/**
 * The number of images of a split, from its file's size. @throws N2uqError N2UQ_DATA_NO_ROOT,
 * N2UQ_DATA_FOLDER
 */
async function countIn({ root }: Settings, role: keyof typeof FILES): Promise<number> {
  if (root === undefined) throw new N2uqError("N2UQ_DATA_NO_ROOT", { dataset: "cifar100" });
  const name = FILES[role];
  const found = await stat(join(root, name)).catch(() => null);
  if (found === null || !found.isFile()) throw damaged(root, `${name} is missing`);
  if (found.size === 0 || found.size % RECORD !== 0)
    throw damaged(root, `${name} has ${found.size} bytes, not a multiple of the ${RECORD} bytes of an image`);
  return found.size / RECORD;
}

async function splitOf(settings: Settings, role: keyof typeof FILES): Promise<MemorySplit> {
  const length = await countIn(settings, role);
  const { root = "" } = settings;
  const bytes = await readFile(join(root, FILES[role]));
  const labels = new Uint8Array(length);
  const images = new Uint8Array(new SharedArrayBuffer(length * 3 * PLANE));
  for (let image = 0; image < length; image++) {
    const record = bytes.subarray(image * RECORD, (image + 1) * RECORD);
    const label = record[1] ?? 0;
    if (label >= info.classes)
      throw damaged(
        root,
        `image ${image} of ${FILES[role]} has the label ${label} of ${info.classes} classes`,
      );
    labels[image] = label;
    for (let pixel = 0; pixel < PLANE; pixel++)
      for (let channel = 0; channel < 3; channel++)
        images[(image * PLANE + pixel) * 3 + channel] = record[2 + channel * PLANE + pixel] ?? 0;
  }
  return { kind: "memory", length, images, labels };
}

function damaged(folder: string, problems: string): N2uqError {
  const hint = "data.root is the folder of CIFAR-100's binary version, with train.bin and test.bin.";
  const details = { folder, dataset: "CIFAR-100", problems, path: ["data", "root"] };
  return new N2uqError("N2UQ_DATA_FOLDER", details, { hint });
}
