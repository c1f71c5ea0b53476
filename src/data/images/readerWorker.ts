import { parentPort, workerData } from "node:worker_threads";
import { STOP } from "../prefetchWorker.js";
import { type ImageAssembly, type PartOrder, PartReader } from "./reader.js";

const reader = new PartReader(workerData as ImageAssembly);

/**
 * The worker thread of `BatchReaders`: answers each requested part of a batch when its images are read. On a
 * stop request it finishes the images in progress and exits.
 */
parentPort?.on("message", async (message: PartOrder | typeof STOP) => {
  if (message === STOP) {
    await reader.stop();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(await reader.read(message));
});
