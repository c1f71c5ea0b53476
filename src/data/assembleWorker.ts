import { parentPort, workerData } from "node:worker_threads";
import { assembleBatch } from "./assemble.js";
import type { Assembly, MemorySplit } from "./types.js";

/** The worker thread of `PrefetchWorker`: answers each requested batch number with its batch, in order. */
parentPort?.on("message", ({ index }: { readonly index: number }) => {
  const batch = assembleBatch(workerData as Assembly<MemorySplit>, index);
  const { images, labels, numbers } = batch;
  parentPort?.postMessage(
    batch,
    [images, labels, numbers].map(({ buffer }) => buffer as ArrayBuffer),
  );
});
