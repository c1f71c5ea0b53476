import { readdir } from "node:fs/promises";
import { N2uqError } from "../errors.js";
import type { Dataset, DatasetInfo } from "./types.js";

const info: DatasetInfo = {
  name: "imagenet",
  classes: 1000,
  imageSize: [224, 224],
  channels: 3,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
  trainSize: 1281167,
  testSize: 50000,
};

/** ImageNet (Russakovsky et al. 2015). This version plans and checks its experiments, but does not read its images yet. */
export const imagenet: Dataset = {
  name: "imagenet",
  summary: "ImageNet-1k; plans and checks only, its images are not read yet",
  info: () => info,
  async load({ root }) {
    throw new N2uqError("N2UQ_DATA_IMAGENET", { found: await lookAt(root) });
  },
};

async function lookAt(root: string | undefined): Promise<string> {
  if (root === undefined) return "data.root names no folder";
  const entries = await readdir(root).catch(() => null);
  if (entries === null) return `there is no folder ${root}`;
  const both = entries.includes("train") && entries.includes("val");
  return both ? `${root} holds train/ and val/` : `${root} has no train/ and val/ folders`;
}
