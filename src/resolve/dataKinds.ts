import type { ResolvedData } from "./types.js";

/** Whether the images are files of the user's, of many sizes, that are decoded when they are needed. */
export function isOfFiles(dataset: ResolvedData["dataset"]): boolean {
  return dataset === "imagenet" || dataset === "image-folder" || dataset === "shards";
}
