import { createHash } from "node:crypto";
import { tensor } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";
import type { ParameterSpec, TrainingGraph } from "../graph/types.js";
import { ByteFile } from "../weights/bytes.js";
import type { Dtype } from "../weights/dtypes.js";
import { shown } from "../weights/faults.js";
import { runtimeShape } from "../weights/layout.js";
import { loadTensors } from "../weights/load.js";
import { type HostTensor, openSafetensors, writeSafetensors } from "../weights/safetensors.js";
import type { WeightsFile } from "../weights/types.js";
import { CheckpointFault, type Progress, parseProgress, progressText, type RunLength } from "./progress.js";
import type { TrainState } from "./step.js";
import { download, type MutableStore, replace, upload, uploadBuffer } from "./store.js";

const OPTIMIZER_PREFIX = "optimizer.";

/** What a checkpoint must contain to belong to a run. */
export interface ExpectedCheckpoint extends RunLength {
  /** The run's hash and its hashes before `n2uq runs --rehash`; a checkpoint must contain one of them. */
  readonly hashes: readonly string[];
  readonly graph: TrainingGraph;
  /** The optimizer's moments of each parameter, by name. */
  readonly moments: readonly string[];
}

/** A verified checkpoint in memory. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly progress: Progress;
}

/**
 * Writes model, optimizer state and progress atomically as one file with checksums. @param beforeRename
 * called when the file is on disk, before it replaces the old file
 */
export async function writeCheckpoint(
  file: string,
  hash: string,
  state: TrainState,
  progress: Progress,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  const tensors = await download(state.graph, state.store);
  for (const spec of parametersOf(state.graph)) {
    for (const [moment, tensor] of Object.entries(state.optimizerState.get(spec.name) ?? {})) {
      tensors.set(momentName(spec, moment), {
        dtype: "float32",
        shape: [...tensor.shape],
        data: Float32Array.from(await tensor.data()),
      });
    }
  }
  await writeSafetensors(file, tensors, { hash, progress: progressText(progress) }, beforeRename);
}

/** Writes only the model, with checksums, as a PyTorch state dict. */
export async function writeWeights(file: string, hash: string, state: TrainState): Promise<void> {
  await writeSafetensors(file, await download(state.graph, state.store), { hash });
}

/**
 * Reads a checkpoint and verifies it before anything is changed: checksums of header and tensors, exactly the
 * run's tensors and moments, and the progress. @throws N2uqError N2UQ_CHECKPOINT_DAMAGED,
 * N2UQ_CHECKPOINT_FOREIGN if another experiment wrote it
 */
export async function readCheckpoint(path: string, expected: ExpectedCheckpoint): Promise<Checkpoint> {
  const damaged = (reason: unknown, cause?: unknown) =>
    new N2uqError("N2UQ_CHECKPOINT_DAMAGED", { file: path, reason }, { cause });
  try {
    const file = await ByteFile.open(path);
    try {
      const opened = await openSafetensors(file);
      const { checksums, extras } = opened;
      if (!checksums) throw new CheckpointFault("it has no checksums: an earlier version of n2uq wrote it");
      if (!expected.hashes.includes(extras.get("hash") ?? ""))
        throw new N2uqError("N2UQ_CHECKPOINT_FOREIGN", { file: path });
      checkTensors(opened, expected);
      const tensors = await loadTensors(opened.tensors);
      const progress = extras.get("progress");
      if (progress === undefined) throw new CheckpointFault("progress is missing");
      return { tensors, progress: parseProgress(progress, expected) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CheckpointFault) throw damaged(error.message);
    if (!(error instanceof N2uqError) || !error.code.startsWith("N2UQ_WEIGHTS_")) throw error;
    throw damaged(error.details.reason ?? error.details.what, error);
  }
}

/** Restores a training state from a checkpoint. */
export function restore(
  state: TrainState,
  { tensors, progress }: Checkpoint,
  moments: readonly string[],
): void {
  loadState(state.graph, state.store, tensors);
  for (const spec of parametersOf(state.graph)) {
    // Moments are stored in the runtime layout, because only n2uq reads them, never PyTorch.
    const shape = runtimeShape(spec.shape, spec.layout);
    const restored = moments.map((moment) => {
      return [moment, tensor(floats(tensors, momentName(spec, moment)), shape, "float32")] as const;
    });
    state.optimizerState.set(spec.name, Object.fromEntries(restored));
  }
  state.step = progress.step;
}

/** The dtype and shape of each tensor in a checkpoint, by name. */
export function checkpointLayout({
  graph,
  moments,
}: ExpectedCheckpoint): Map<string, { dtype: Dtype; shape: readonly number[] }> {
  const layout = new Map<string, { dtype: Dtype; shape: readonly number[] }>();
  for (const spec of parametersOf(graph)) {
    layout.set(spec.name, { dtype: "float32", shape: spec.shape });
    const shape = runtimeShape(spec.shape, spec.layout);
    for (const moment of moments) layout.set(momentName(spec, moment), { dtype: "float32", shape });
  }
  for (const { name, shape } of graph.nodes.flatMap(({ buffers }) => buffers))
    layout.set(name, { dtype: shape.length === 0 ? "int64" : "float32", shape });
  return layout;
}

/** @throws CheckpointFault */
function checkTensors({ tensors }: WeightsFile, expected: ExpectedCheckpoint): void {
  const layout = checkpointLayout(expected);
  for (const [name, { dtype, shape }] of layout) {
    const stored = tensors.get(name);
    if (stored === undefined) throw new CheckpointFault(`the tensor ${name} is missing`);
    if (stored.dtype !== dtype || stored.shape.join() !== shape.join()) {
      const is = `${stored.dtype} [${shown(stored.shape.join(", "))}]`;
      throw new CheckpointFault(`the tensor ${name} is ${is} instead of ${dtype} [${shape.join(", ")}]`);
    }
  }
  const left = [...tensors.keys()].find((name) => !layout.has(name));
  if (left !== undefined) throw new CheckpointFault(`it has the tensor ${shown(left)}, but the run does not`);
}

function momentName({ name }: ParameterSpec, moment: string): string {
  return `${OPTIMIZER_PREFIX}${name}.${moment}`;
}

/**
 * Fills a store from a state dict. Every tensor of the graph must be present, except BatchNorm's counters.
 */
export function loadState(
  graph: TrainingGraph,
  store: MutableStore,
  tensors: ReadonlyMap<string, HostTensor>,
): void {
  for (const spec of parametersOf(graph)) replace(store, spec.name, upload(spec, floats(tensors, spec.name)));
  for (const spec of graph.nodes.flatMap(({ buffers }) => buffers)) {
    if (spec.shape.length === 0 && !tensors.has(spec.name)) continue;
    replace(store, spec.name, uploadBuffer(spec, floats(tensors, spec.name)));
  }
}

/** The sha256 of a state dict's names, shapes and values, in graph order. */
export async function weightsDigest(graph: TrainingGraph, store: MutableStore): Promise<string> {
  const digest = createHash("sha256");
  for (const [name, { shape, data }] of await download(graph, store)) {
    digest.update(`${name}:${shape.join("x")}\n`);
    digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.digest("hex");
}

export function parametersOf(graph: TrainingGraph): ParameterSpec[] {
  return graph.nodes.flatMap(({ params }) => params);
}

function floats(tensors: ReadonlyMap<string, HostTensor>, name: string): Float32Array {
  const stored = tensors.get(name);
  if (stored === undefined) throw new N2uqError("N2UQ_WEIGHTS_MISSING_TENSOR", { name });
  return stored.data instanceof Float32Array ? stored.data : Float32Array.from(stored.data, Number);
}
