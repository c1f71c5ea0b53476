import { parentPort, workerData } from "node:worker_threads";
import { type Assembly, assembleBatch } from "./assemble.js";

/** The other end of `AssemblerThread`: answers each batch number with that batch, in order. */
parentPort?.on("message", (index: number) => {
  const batch = assembleBatch(workerData as Assembly, index);
  parentPort?.postMessage(batch, [batch.images.buffer as ArrayBuffer, batch.labels.buffer as ArrayBuffer]);
});
