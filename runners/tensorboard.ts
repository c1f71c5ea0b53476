import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventFile } from "../src/report/tensorboard/events.js";
import { readMetrics } from "../src/runs/metricsFile.js";
import type { Analysis, RunRecord } from "../src/runs/record.js";
import type { RunDirectory } from "../src/runs/runDirectory.js";
import { writeAtomic } from "../src/weights/atomic.js";

/** One file, written after the run; TensorBoard looks for `tfevents` in the name. */
const EVENT_FILE = join("tensorboard", "events.out.tfevents.0.n2uq");

/** Writes a run's TensorBoard events, from its metrics and its analysis. */
export async function writeEvents(
  directory: RunDirectory,
  record: RunRecord,
  analysis: Analysis | null,
): Promise<void> {
  const { steps, epochs } = readMetrics(directory.path, []);
  await rm(join(directory.path, "tensorboard"), { recursive: true, force: true });
  await mkdir(join(directory.path, "tensorboard"));
  await writeAtomic(join(directory.path, EVENT_FILE), [eventFile({ record, steps, epochs, analysis })]);
}
