import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { N2uqError } from "../errors.js";
import { type FolderIndex, indexFolder } from "./images/folderIndex.js";
import { EXTENSIONS, sortNames } from "./images/listing.js";
import { checkNames } from "./images/names.js";
import { fileSplit } from "./images/split.js";
import { printable } from "./printable.js";
import type { DataOf, DatasetInfo, DatasetSizes, FileSplit, LoadOptions, SplitName } from "./types.js";
import { defineDataset } from "./types.js";

type FolderData = DataOf<"image-folder" | "imagenet">;

/** ImageNet's mean and std, also used to normalize other photographs. */
export const PHOTOGRAPHS = {
  imageSize: [224, 224],
  channels: 3,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** The complete ImageNet-1k. */
export const IMAGENET = { classes: 1000, trainSize: 1281167, testSize: 50000 };

/**
 * Images in one folder per class, as torchvision's ImageFolder reads them: a label is the index of the
 * folder's name in the sorted names.
 */
export const imageFolder = defineDataset({
  name: "image-folder",
  summary: "your images, one folder per class",
  storage: "files",
  identity: "content",
  isPublished: false,
  async info(settings) {
    const classNames = await classesOf(settings);
    return infoOf(settings.name ?? "image-folder", classNames.length, classNames);
  },
  sizes: sizesOf,
  async load(settings, options) {
    const { classNames, ...splits } = await loadSplits(settings, options);
    return { info: infoOf(settings.name ?? "image-folder", classNames.length, classNames), ...splits };
  },
});

/**
 * ImageNet (Russakovsky et al. 2015) as an image folder. Its classes and sizes are known without the files.
 */
export const imagenet = defineDataset({
  name: "imagenet",
  summary: "ImageNet-1k from your folder with train/ and val/, one folder per class",
  storage: "files",
  identity: "content",
  isPublished: true,
  info: () => infoOf("imagenet", IMAGENET.classes),
  async sizes(settings, options) {
    if (settings.root === undefined) return IMAGENET;
    // Planning must work without the images.
    return sizesOf(settings, options).catch(() => IMAGENET);
  },
  async load(settings, options) {
    const { classNames, ...splits } = await loadSplits(settings, options);
    const count = classNames.length;
    if (count > IMAGENET.classes) {
      const details = { folder: rootOf(settings), count, name: "ImageNet", known: IMAGENET.classes };
      throw new N2uqError("N2UQ_DATA_CLASSES", details);
    }
    if (count < IMAGENET.classes) {
      const text = `imagenet: ${count} class folders in place of ${IMAGENET.classes}; labels are the indices of the existing folders`;
      options.onWarning?.(text);
    }
    return { ...splits, info: infoOf("imagenet", IMAGENET.classes, classNames) };
  },
});

export function infoOf(name: string, classes: number, classNames?: readonly string[]): DatasetInfo {
  return { name, classes, ...PHOTOGRAPHS, ...(classNames && { classNames }) };
}

/** The data set's folder. @throws N2uqError N2UQ_DATA_NO_ROOT if the experiment has no `data.root` */
export function rootOf({ dataset, root }: Pick<FolderData | DataOf<"shards">, "dataset" | "root">): string {
  if (root !== undefined) return root;
  throw new N2uqError("N2UQ_DATA_NO_ROOT", { dataset });
}

function folderOf(settings: FolderData, role: SplitName): string {
  return join(rootOf(settings), settings.splits[role]);
}

/**
 * The sorted class names: the folders of the training images, or of the validation images if there are no
 * training images (evaluation).
 */
async function classesOf(settings: FolderData): Promise<string[]> {
  for (const role of ["train", "test"] as const) {
    const folder = folderOf(settings, role);
    if (!(await isFolder(folder))) continue;
    const entries = await readdir(folder);
    await checkNames(folder, entries);
    const visible = entries.filter((name) => !name.startsWith("."));
    const folders = await Promise.all(
      visible.map(async (name) => ((await isFolder(join(folder, name))) ? [name] : [])),
    );
    const names = sortNames(folders.flat());
    if (names.length > 0) return names;
    throw new N2uqError("N2UQ_DATA_NO_CLASSES", { folder });
  }
  throw await noSplit(settings, "test");
}

async function splitsOf(settings: FolderData, options: LoadOptions) {
  const classNames = await classesOf(settings);
  const read = (role: SplitName) => splitOf(settings, role, classNames, options);
  return { train: await read("train"), test: await read("test"), classNames };
}

async function sizesOf(settings: FolderData, options: LoadOptions): Promise<DatasetSizes> {
  const { train, test } = await splitsOf(settings, options);
  return { trainSize: train.length, testSize: test.length };
}

/** Loads both splits; the validation split must not be empty. */
async function loadSplits(settings: FolderData, options: LoadOptions) {
  const splits = await splitsOf(settings, options);
  if (splits.test.length === 0) throw await noSplit(settings, "test");
  return splits;
}

/** The images of one split. If its folder is missing, the split is empty. */
async function splitOf(
  settings: FolderData,
  role: SplitName,
  classNames: readonly string[],
  options: LoadOptions,
): Promise<FileSplit> {
  const folder = folderOf(settings, role);
  if (!(await isFolder(folder))) return fileSplit(role, EMPTY, new Uint16Array(0), settings);
  const index = await indexFolder(folder, options);
  if (index.classOf.length === 0)
    throw new N2uqError("N2UQ_DATA_NO_IMAGES", { folder, known: EXTENSIONS.join(", ") });
  for (const text of oddities(index)) options.onWarning?.(`${folder}: ${text}`);
  const labels = index.classes.map((name) => {
    const label = classNames.indexOf(name);
    if (label < 0) throw new N2uqError("N2UQ_DATA_STRANGE_CLASS", { folder, name: printable(name) });
    return label;
  });
  const ownLabels = index.classOf.map((number) => labels[number] ?? 0);
  return fileSplit(role, index.source, ownLabels, settings);
}

const EMPTY = {
  kind: "folder",
  root: "",
  folders: [],
  firsts: new Uint32Array(1),
  names: { bytes: new Uint8Array(0), starts: new Uint32Array(1) },
} as const;

function* oddities({ empty, others }: FolderIndex): Iterable<string> {
  if (others > 0)
    yield `${others} files are skipped: not regular files, or without an image's extension (${EXTENSIONS.join(", ")})`;
  if (empty.length > 0) yield `no image in the class folders ${empty.slice(0, 5).join(", ")}`;
}

async function noSplit(settings: FolderData, role: SplitName): Promise<N2uqError> {
  const root = rootOf(settings);
  const entries = await readdir(root).catch(() => null);
  return new N2uqError("N2UQ_DATA_NO_SPLIT", {
    folder: folderOf(settings, role),
    role: role === "train" ? "training" : "validation",
    root,
    found: entries === null ? "it does not exist" : entries.slice(0, 8).join(", ") || "nothing",
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
