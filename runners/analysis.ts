import { join } from "node:path";
import type { Batch } from "../src/data/types.js";
import { experimentHash } from "../src/resolve/hash.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import type { Analysis, StartRecord } from "../src/runs/record.js";
import type { RunDirectory } from "../src/runs/runDirectory.js";
import { ANALYSIS, readRunFile, SOURCES, START_RECORD, startOf } from "../src/runs/runFiles.js";
import { analyze, curvesOf } from "../src/train/analyze.js";
import { loadState } from "../src/train/checkpoint.js";
import type { TrainState } from "../src/train/step.js";
import { createStore, disposeStore } from "../src/train/store.js";
import { writeAtomic } from "../src/weights/atomic.js";
import { readSafetensors } from "../src/weights/safetensors.js";
import { engineBatches, validationRequest } from "./batching.js";
import type { Session } from "./session.js";
import { bestFile, readingBest } from "./weights.js";

/** Number of validation batches for the activation level counts. */
const BATCHES = 4;

/** Writes `start.json`: the activation quantizers before training. */
export async function writeStart(directory: RunDirectory, hash: string, state: TrainState): Promise<void> {
  const record: StartRecord = { format: 1, hash, staircases: await curvesOf(state.graph, state.store) };
  await writeJson(directory, START_RECORD, record);
}

/** Writes `sources.json` if the session has the origins of the experiment's values. */
export async function writeSources(session: Session, hash: string, directory: RunDirectory): Promise<void> {
  const sources = session.sources?.get(hash);
  if (sources !== undefined) await writeJson(directory, SOURCES, sources);
}

/** Analyzes the run's best weights and writes `analysis.json`. Does not change the tensors of training. */
export async function writeAnalysis(
  session: Session,
  resolved: ResolvedExperiment,
  directory: RunDirectory,
  { graph }: Pick<TrainState, "graph">,
): Promise<Analysis> {
  const hash = experimentHash(resolved);
  const file = await bestFile(session, resolved);
  const { tensors } = await readingBest(session, resolved, () => readSafetensors(file));
  const data = await session.dataset(resolved.data);
  const store = createStore(graph, resolved.training.seed);
  try {
    loadState(graph, store, tensors);
    const walk = firstOf(engineBatches(data, validationRequest(resolved)), BATCHES);
    const start = readStart(directory, hash);
    const analysis = await analyze(graph, store, walk, hash, start?.staircases ?? null);
    await writeJson(directory, ANALYSIS, analysis);
    return analysis;
  } finally {
    disposeStore(store);
  }
}

/** Null for a run that predates this file, or if the file is damaged or belongs to another experiment. */
function readStart(directory: RunDirectory, hash: string): StartRecord | null {
  const read = readRunFile(join(directory.path, START_RECORD), "startRecord");
  return read.state === "read" && read.value.hash === hash ? startOf(read.value) : null;
}

function writeJson(directory: RunDirectory, name: string, value: unknown): Promise<void> {
  return writeAtomic(join(directory.path, name), [`${JSON.stringify(value, null, 1)}\n`]);
}

async function* firstOf(all: AsyncIterable<Batch>, count: number): AsyncIterable<Batch> {
  let left = count;
  for await (const batch of all) {
    yield batch;
    left -= 1;
    if (left === 0) return;
  }
}
