import { parentPort, workerData } from "node:worker_threads";
import { STOP } from "../aheadThread.js";
import type { ImageAssembly } from "./reader.js";
import { BatchReader } from "./reader.js";

const reader = new BatchReader(workerData as ImageAssembly);

/** Answers each batch number with that batch, as they are ready; ends itself when told to stop, with no image half read. */
parentPort?.on("message", async (message: number | typeof STOP) => {
  if (message === STOP) {
    await reader.stop();
    parentPort?.close();
    return;
  }
  const batch = await reader.read(message);
  const { images, labels, numbers } = batch;
  parentPort?.postMessage(
    batch,
    [images, labels, numbers].map(({ buffer }) => buffer as ArrayBuffer),
  );
});
