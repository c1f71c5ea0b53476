import { workerData } from "node:worker_threads";
import type { HeartbeatData } from "./heartbeat.js";
import { SharedProgress } from "./sharedProgress.js";
import { signOfLife } from "./signOfLife.js";

/**
 * Writes heartbeats of a lock until the lock is lost. Timers are monotonic, so setting back the clock does
 * not stop the heartbeats.
 */
const { file, holder, memory } = workerData as HeartbeatData;
const shared = new SharedProgress(memory);
let beats = 0;
const timer = setInterval(() => {
  beats += 1;
  const found = signOfLife(file, holder, beats, shared.progress);
  if (found !== "gone" && found !== "taken") return;
  shared.loss = found;
  clearInterval(timer);
}, holder.every);
